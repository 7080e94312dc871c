import { describe, expect, it } from 'vitest'
import { reportMarkdown } from '../../../core/report/markdown.ts'
import { candidate, evil, report, row, unclear } from '../../support/report.ts'

const cells = (line: string) => line.split(/(?<!\\)\|/).slice(1, -1)

describe('the summary for a pull request', () => {
  const text = reportMarkdown(report)

  it('has tables whose lines all have as many cells as their head', () => {
    const tables = text.split('\n\n').filter((part) => part.startsWith('|'))
    expect(tables.length).toBeGreaterThan(3)
    for (const table of tables) {
      const [head, ...lines] = table.split('\n').map(cells)
      for (const line of lines) expect(line).toHaveLength(head!.length)
    }
  })

  it('shows figures with verdicts, intervals and reasons', () => {
    expect(text).toContain('| Latency, median | 4.00 ms | 2.00 ms | **50 % faster**, 95 % 0.40 to 0.60 of the source')
    expect(text).toContain('| Accuracy | 0.9900 | 0.9850 | no clear difference, 95 % −0.0150 to 0.0000 (accuracy, 200 samples) |')
    expect(text).toContain('| Size | 4.00 MB | 1.00 MB | −75 % |')
    expect(text).toMatch(/\| Peak memory \| – \| – \| .+ \|/)
  })

  it('says why nothing is claimed where the interval would claim it', () => {
    expect(reportMarkdown({ ...report, candidates: [candidate('a', { latencyMs: unclear })] })).toContain(
      "no clear difference, 95 % 0.37 to 0.57 of the source's time (the machine was unsteady: the same file differed from itself by 62 %)",
    )
  })

  it('tells what stages said, each once', () => {
    const [stage] = report.stages
    const stages = [{ ...stage!, id: 'int4', notes: ['gptq needs a model that runs: rounded to nearest.'] }]
    const text = reportMarkdown({ ...report, stages, candidates: [candidate('a', {}), candidate('b', {})] })
    expect(text.match(/- `int4`: gptq needs a model that runs: rounded to nearest\./g)).toHaveLength(1)
  })

  it('gives a distance from the source in decibels, and the source no figure', () => {
    const accuracy = { metric: 'sqnr', baseline: 200, candidate: 31.49, low: -168.5, high: -168.5, samples: 8 } as const
    const one = candidate('a', { accuracy: { ...accuracy, verdict: 'not comparable', judgedOn: 'noise' } })
    expect(reportMarkdown({ ...report, candidates: [one] })).toContain('| Accuracy |  | 31.5 dB | against the source (SQNR, 8 samples) |')
  })

  it('names the layers that lost most, and those that became faster', () => {
    const layer = (name: string, sqnrDb: number, candidateMs: number) => ({
      ...row,
      names: [name],
      role: 'linear',
      latencyMs: { baseline: 2, candidate: candidateMs, verdict: candidateMs < 2 ? ('better' as const) : ('worse' as const) },
      error: { sqnrDb, cosine: 1, maxAbs: 0, meanAbs: 0, local: 40 },
    })
    const layers = [layer('a', 50, 1), layer('b', 10, 3), layer('c', 30, 1.5), layer('d', 40, 1.9)]
    const lines = reportMarkdown({ ...report, candidates: [candidate('x', { layers })] }).split('\n')
    expect(lines.filter((line) => line.startsWith('| least accurate')).map((line) => cells(line)[1])).toEqual([' `b` ', ' `c` ', ' `d` '])
    expect(lines.filter((line) => line.startsWith('| slower')).map((line) => cells(line)[1])).toEqual([' `b` '])
    expect(lines.filter((line) => line.startsWith('| faster')).map((line) => cells(line)[1])).toEqual([' `a` ', ' `c` ', ' `d` '])
    expect(lines.find((line) => line.startsWith('| slower'))).toContain('10.0 dB, 40.0 dB of its own | 2.00 → 3.00 ms, **50 % slower**')
  })

  it('says of a layer that adds nothing to the loss before it that it does not, and not how many decibels that is', () => {
    const error = { sqnrDb: 40, cosine: 1, maxAbs: 0, meanAbs: 0, local: 200 }
    const text = reportMarkdown({ ...report, candidates: [candidate('x', { layers: [{ ...row, error }] })] })
    expect(text).toContain('40.0 dB, nothing of its own |')
  })

  it('names layers that stand together by their parts, and those that are gone without a zero', () => {
    const gone = {
      ...row,
      names: ['l.0.fc', 'l.0.act', 'l.0.norm', 'l.0.drop'],
      latencyMs: { baseline: 2, candidate: 0, verdict: 'better' as const },
    }
    expect(reportMarkdown({ ...report, candidates: [candidate('x', { layers: [gone] })] })).toContain(
      '| faster | `l.0.fc + act + norm` and 1 more |',
    )
    expect(reportMarkdown({ ...report, candidates: [candidate('x', { layers: [gone] })] })).toContain('| 2.00 ms, **gone** |')
  })

  it('keeps text of the model text', () => {
    expect(evil).toContain('<img')
    const outside = text.replaceAll(/(`+)[\s\S]*?\1/g, '')
    expect(outside).not.toMatch(/(?<!\\)<(?!\/?(details|summary)>)/)
    const ticks = reportMarkdown({ ...report, commands: ['lathe run ```'] })
    expect(ticks).toContain('````sh\nlathe run ```\n````')
  })

  it('says what could not be made', () => {
    const problem = { kind: 'input', code: 'x', what: 'There are no samples', where: { stage: 'b' }, mend: 'Give some.' } as const
    const bare = candidate('b', { problem, layers: [], latencyMs: { unavailable: 'not measured' } })
    const told = reportMarkdown({ ...report, candidates: [bare] })
    expect(told).toContain('**There are no samples')
    expect(told).toContain('| Latency, median | – | – | not measured |')
  })
})
