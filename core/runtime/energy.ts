import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Unavailable } from '../api/measurement.ts'

/** Counters of the processor packages (RAPL), in microjoules since some moment, by zone. */
export type EnergyCounters = Readonly<Record<string, { readonly microjoules: number; readonly range: number }>>

const powercap = '/sys/class/powercap'

/**
 * Reads the energy counters of all processor packages, as Linux shows them (Documentation/power/powercap). What is inside a package (cores,
 * memory controller) has zones of its own, which are left out because the package holds them.
 * @param folder where the system shows its zones
 */
export async function readEnergy(folder: string = powercap): Promise<EnergyCounters | Unavailable> {
  if (process.platform !== 'linux') return { unavailable: 'this system tells programs nothing of the energy that they take' }
  const names = await readdir(folder).catch(() => null)
  if (names === null) return { unavailable: `there are no energy counters (${folder} does not exist), as in most virtual machines` }
  const counters: Record<string, EnergyCounters[string]> = {}
  for (const name of names.filter((each) => /^[\w-]*rapl:\d+$/.test(each))) {
    const text = (file: string) => readFile(join(folder, name, file), 'utf8')
    try {
      if (!(await text('name')).startsWith('package')) continue
      counters[name] = { microjoules: Number(await text('energy_uj')), range: Number(await text('max_energy_range_uj')) }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EACCES' || code === 'EPERM')
        return { unavailable: `the energy counters may be read by the superuser alone (${join(folder, name, 'energy_uj')})` }
      return { unavailable: `the energy counter ${name} cannot be read (${code})` }
    }
  }
  return Object.keys(counters).length > 0 ? counters : { unavailable: `none of the zones in ${folder} is a processor package` }
}

/** Joules between two readings. A counter that began anew in between has gone once around. */
export function joulesBetween(before: EnergyCounters | Unavailable, after: EnergyCounters | Unavailable): number | Unavailable {
  if (isUnavailable(before)) return before
  if (isUnavailable(after)) return after
  let microjoules = 0
  for (const [zone, { microjoules: from, range }] of Object.entries(before)) {
    const to = after[zone]?.microjoules ?? from
    microjoules += to >= from ? to - from : to + range - from
  }
  return microjoules / 1e6
}

const isUnavailable = (reading: EnergyCounters | Unavailable): reading is Unavailable => typeof reading.unavailable === 'string'
