import { describe, expect, it } from 'vitest'
import type { LayerRow } from '../../../../core/api/report.ts'
import { layerTable } from '../../../../core/cli/show/layers.ts'
import { styleFor } from '../../../../core/cli/terminal/style.ts'

const style = styleFor({ isTTY: false }, {})
const row: LayerRow = {
  kind: 'layer',
  layers: ['L1', 'L2'],
  names: ['conv1', 'conv2'],
  role: 'convolution',
  baseline: ['/conv1', '/conv2'],
  candidate: ['/conv1'],
  kernels: { baseline: [], candidate: [] },
  latencyMs: { baseline: 1.5, candidate: 0.75, verdict: 'better' },
  error: { sqnrDb: 36.04, cosine: 0.99987654, maxAbs: 0.0123, meanAbs: 0, local: null },
  sizeBytes: { baseline: 4000, candidate: 1000 },
}

describe('the layer table', () => {
  it('names every layer of a row that covers several, and shows both sides', () => {
    const [, , line] = layerTable([row], style).split('\n')
    expect(line).toMatch(/^conv1 \+ conv2 +convolution +1\.50 +0\.750 +▲ +36\.0 +0\.99988 +0\.012 +4\.00 kB +1\.00 kB$/)
  })

  it('names modules of one scope shortly', () => {
    const names = ['bert.encoder.layer.0.mlp.dense', 'bert.encoder.layer.0.mlp.act']
    expect(layerTable([{ ...row, names }], style).split('\n')[2]).toMatch(/^bert\.encoder\.layer\.0\.mlp\.dense \+ act {2}/)
    const long = 'model.decoder.stages.the_third_of_them.layers.11.attention.output.dense'
    expect(layerTable([{ ...row, names: [long] }], style).split('\n')[2]).toMatch(/^…\S+layers\.11\.attention\.output\.dense {2}/)
  })

  it('fits a terminal by leaving out what matters least', () => {
    const narrow = layerTable([row], { ...style, width: 80 }).split('\n')
    for (const line of narrow) expect([...line].length).toBeLessThanOrEqual(80)
    expect(narrow[0]).toMatch(/^layer +ms before +ms after +SQNR dB/)
    expect(narrow[2]).toMatch(/^conv1 \+ conv2 +1\.50 +0\.750 +▲ +36\.0/)
  })

  it('shows an exact layer as infinite SQNR', () => {
    expect(layerTable([{ ...row, error: { sqnrDb: null, cosine: 1, maxAbs: 0, meanAbs: 0, local: null } }], style)).toMatch(
      /∞ +1\.00000 +0 /,
    )
  })

  it('puts what was only simulated in parentheses, and says so', () => {
    const simulated = { sqnrDb: 36.04, cosine: 0.5, maxAbs: 0.0123, meanAbs: 0 }
    const text = layerTable([{ ...row, error: { unavailable: 'not observable as deployed', simulated } }], style)
    expect(text).toMatch(/ \(36\.0\) +\(0\.50000\) +\(0\.012\) /)
    expect(text).toMatch(/in parentheses: simulated in floats/)
  })

  it('says what the runtime would have done anyway below the table, for it is part of no sum', () => {
    const anyway: LayerRow = { ...row, kind: 'runtime would have done anyway', latencyMs: { baseline: 3, candidate: 2, verdict: 'better' } }
    const lines = layerTable([row, anyway], style).split('\n')
    expect(lines[3]).toBe('')
    expect(lines.at(-1)).toBe(
      'runtime would have done anyway: the source takes 3.00 ms as it is written, 2.00 ms as the runtime optimizes it at load',
    )
  })

  it('counts arithmetic on shapes, which is no layer', () => {
    const kernels = { baseline: ['Shape', 'Gather'], candidate: [] }
    const lines = layerTable([{ ...row, kind: 'shape arithmetic', kernels }, row], style).split('\n')
    expect(lines[2]).toMatch(/^shape arithmetic, 2 kernels/)
  })

  it('puts the whole model last and tells each missing figure once', () => {
    const missing: LayerRow = {
      ...row,
      latencyMs: { baseline: { unavailable: 'not measured' }, candidate: { unavailable: 'not measured' }, verdict: 'not comparable' },
    }
    const lines = layerTable([{ ...row, kind: 'whole model' }, missing], style).split('\n')
    expect(lines[3]).toMatch(/^whole model/)
    expect(lines.at(-1)).toBe('– not measured (2 figures)')
  })
})
