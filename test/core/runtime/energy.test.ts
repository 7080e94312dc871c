import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { joulesBetween, readEnergy } from '../../../core/runtime/energy.ts'

const folder = mkdtempSync(join(tmpdir(), 'lathe-energy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function zone(name: string, label: string, energy: number): void {
  mkdirSync(join(folder, name), { recursive: true })
  for (const [file, text] of Object.entries({ name: label, energy_uj: energy, max_energy_range_uj: 1e9 }))
    writeFileSync(join(folder, name, file), `${text}\n`)
}

describe.runIf(process.platform === 'linux')('energy counters', () => {
  it('are those of the packages, and go once around', async () => {
    zone('intel-rapl:0', 'package-0', 999_000_000)
    zone('intel-rapl:1', 'package-1', 5_000_000)
    zone('intel-rapl:0:0', 'core', 1)
    zone('intel-rapl:2', 'psys', 1)
    const before = await readEnergy(folder)
    expect(Object.keys(before)).toEqual(['intel-rapl:0', 'intel-rapl:1'])
    zone('intel-rapl:0', 'package-0', 2_000_000)
    zone('intel-rapl:1', 'package-1', 6_500_000)
    expect(joulesBetween(before, await readEnergy(folder))).toBeCloseTo(3 + 1.5, 6)
  })

  it('that are not there say so', async () => {
    const none = await readEnergy(join(folder, 'nowhere'))
    expect(none).toEqual({ unavailable: expect.stringContaining('does not exist') })
    expect(joulesBetween(none, none)).toBe(none)
  })
})
