import { describe, expect, it } from 'vitest'
import { escaped, html, Markup } from '../../../../core/report/html/markup.ts'
import { reportPage } from '../../../../core/report/html/page.ts'
import { candidate, evil, report, row, sensitivity, unclear } from '../../../support/report.ts'

/** What stands on a page, without its style. */
const textIn = (page: string): string =>
  page
    .replace(/<style>.*<\/style>/s, '')
    .replaceAll('<wbr>', '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

describe('the page of a report', () => {
  const page = reportPage(report)

  it('shows the text of a model as text, wherever it stands', () => {
    expect(page).not.toContain('<img')
    expect(page).toContain(escaped(evil).slice(0, 20))
    expect(page).not.toMatch(/onerror="/)
  })

  it('loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<iframe|@import|url\(|https?:\/\//i)
    expect(page).toMatch(/^<!doctype html>/)
  })

  it('shows figures with their units, intervals and verdicts', () => {
    const text = textIn(page)
    expect(text).toContain('4.00 › 2.00 ms 50 % faster')
    expect(text).toContain('95 %: 0.40 to 0.60')
    expect(text).toContain('0.9900 › 0.9850 ≈ no clear difference')
    expect(text).toContain('4.00 MB › 1.00 MB −75 %')
    expect(text).toContain('MatMul ×2, Add, Gelu, 1 more')
    expect(text).toContain('31.3 0.99987')
    expect(text).toContain('rejected largest difference 1.0e-1, 4 samples')
  })

  it('says why nothing is claimed where the interval would claim it', () => {
    const text = textIn(reportPage({ ...report, candidates: [candidate('a', { latencyMs: unclear })] }))
    expect(text).toMatch(/0\.37 to 0\.57 of .+ \(the machine was unsteady: the same file differed from itself by 62 %\); p95/)
  })

  it('gives a distance from the source in decibels, and draws what is exact on a line of its own', () => {
    const taken = {
      metric: 'sqnr',
      baseline: 200,
      low: -168.5,
      high: -168.5,
      samples: 8,
      verdict: 'not comparable',
      judgedOn: 'noise',
    } as const
    const near = candidate('a', { accuracy: { ...taken, candidate: 31.49 } })
    const same = candidate('b', { accuracy: { ...taken, candidate: 200 } })
    const text = textIn(reportPage({ ...report, candidates: [near, same] }))
    expect(text).toContain('SQNR against the source, 8 samples 31.5 dB noise')
    expect(text).toContain('SQNR against the source, 8 samples exact noise')
    expect(text).toContain('31.5 exact')
    expect(text).not.toMatch(/200\.0|168/)
  })

  it('tells of loading and of the first run where they were timed', () => {
    const { latencyMs } = candidate('a')
    if (!('ratio' in latencyMs)) throw new Error('no latency')
    const start = (loadMs: number) => ({ loadMs, firstRunMs: 9 })
    const both = { ...latencyMs, baseline: { ...latencyMs.baseline, ...start(80) }, candidate: { ...latencyMs.candidate, ...start(20) } }
    const text = textIn(reportPage({ ...report, candidates: [candidate('a', { latencyMs: both })] }))
    expect(text).toContain('p95 4.50 ms, p99 5.00 ms; loading 80.0 › 20.0 ms, first run 9.00 › 9.00 ms')
    expect(textIn(page)).not.toContain('loading')
  })

  it('tells what the kernel made of the largest products', () => {
    const on = (int8DotProduct: boolean) => reportPage({ ...report, machine: { ...report.machine, int8DotProduct } })
    expect(on(true)).toContain('accumulate in 32 bits (worst case of 64 products of 255 and 127: exact)')
    expect(on(false)).toContain('can saturate in 16 bits (worst case of 64 products of 255 and 127: saturated)')
  })

  it('shows where the bytes go, and what changed in the graph', () => {
    const text = textIn(page)
    expect(text).toContain('float32 3.90 MB graph 100 kB')
    expect(page).toMatch(/class="shade-0" style="width:97\.50%"/)
    expect(text).toContain('30 nodes stayed, 10 changed, 20 stand for several, 0 are new, 5 are gone')
    expect(text).toContain('20 × Conv Relu ×2 ⋈ fused')
    expect(text).toContain('5 × Identity − removed drop-identity , such as i')
    expect(text).toContain('Preparation 30.0 ms for 200 samples')
  })

  it('draws the interval of a time over its bar, on one scale', () => {
    const intervals = { baseline: { low: 1.5, high: 4 }, candidate: { low: 0.5, high: 2 }, level: 0.875 }
    const timed = { ...row, latencyMs: { ...row.latencyMs, intervals } }
    const text = reportPage({ ...report, candidates: [candidate('a', { layers: [timed] })] })
    expect(text).toContain('0 to 4.00 ms')
    expect(text).toContain('<path class="whisker" d="M37.50 2V5M37.50 3.5H100.00M100.00 2V5"/>')
    expect(text).toContain('title="0.500 to 2.00 ms (87 %)"')
    expect(page).not.toContain('class="whisker"')
  })

  it('lists what a search found out about each layer, and what could be had for what', () => {
    const stages = [{ ...report.stages[0]!, id: 'mix', sensitivity }]
    const text = reportPage({ ...report, stages })
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ')
    expect(text).toContain('Sensitivity mix')
    expect(text).toContain('q, k, v float32 24.0 22.4 20.1 0.99500 40.0 0.9700')
    expect(text).toContain('conv int8 – – equal 1.00000 – ')
    expect(text).toContain('49.6 kB at 20.1 dB, 197 kB at no loss (chosen)')
    expect(page).not.toContain('Sensitivity')
  })

  it('says what the layers wait for, by how much of the time stands behind it', () => {
    const cost = {
      flops: 4e6,
      bytes: 1e6,
      gflops: 2,
      gbs: 0.5,
      bound: 'memory',
      advice: 'memory-bound: smaller weights will help',
    } as const
    const whole = { ...row, kind: 'whole model' as const, latencyMs: { baseline: 8, candidate: 4, verdict: 'better' as const } }
    const layers = [{ ...row, names: ['a.b'], cost }, { ...row, names: ['a.c'], cost }, row, whole]
    const text = textIn(reportPage({ ...report, candidates: [candidate('a', { layers })] }))
    expect(text).toContain('50 % Memory-bound: smaller weights will help 2.00 GFLOP/s and 0.500 GB/s; a.b, a.c')
    expect(page).not.toContain('class="waits"')
  })

  it('shows what each layer loses of its own, and no figure where no kernel is left', () => {
    const gone = {
      ...row,
      ...{ names: ['l.fc', 'l.act'], kernels: { baseline: ['Gemm'], candidate: [] } },
      latencyMs: { baseline: 2, candidate: 0, verdict: 'better' as const },
      error: { sqnrDb: 31.25, cosine: 0.999999, maxAbs: 0.1, meanAbs: 0, local: 38.5 },
    }
    const text = reportPage({ ...report, candidates: [candidate('a', { layers: [gone] })] })
    expect(text).toContain('<td class="r wide">38.5</td><td class="r wide">0.99999+</td>')
    expect(text).toContain('title="no kernel works for it">–</td>')
    expect(text).toContain('none left')
    expect(text).toContain('l.<wbr>fc + act')
  })

  it('has no infinite change where there was nothing', () => {
    const grown = { ...row, latencyMs: { baseline: 0, candidate: 1, verdict: 'worse' as const } }
    const text = reportPage({ ...report, candidates: [candidate('a', { layers: [grown] })] })
    expect(text).not.toContain('Infinity')
    expect(text).toMatch(/<\/svg> new<\/span>/)
  })

  it('sets candidates side by side when there are several', () => {
    expect(page).toContain('<circle class="dot-base"')
    expect(reportPage({ ...report, candidates: [candidate('a')] })).not.toContain('<circle')
  })

  it('says what could not be made or measured, and why', () => {
    const problem = { kind: 'input', code: 'x', what: 'There are no samples', where: { stage: 'b' }, mend: 'Give some.' } as const
    const unavailable = { unavailable: 'measuring was not asked for' }
    const bare = candidate('b', { problem, layers: [], latencyMs: unavailable, accuracy: unavailable, file: null })
    const text = reportPage({ ...report, protocol: null, candidates: [bare] })
    expect(text).toContain('There are no samples (stage b). Give some.')
    expect(text).toContain('measuring was not asked for')
  })
})

describe('templates', () => {
  it('escape what is put in, unless it is markup, and leave out nothing else', () => {
    expect(html`<b title="${'"'}">${'<'}${html`<i>${1}</i>`}${[html`a`, 'b&']}${null}${false}${undefined}${0}</b>`.text).toBe(
      '<b title="&quot;">&lt;<i>1</i>ab&amp;0</b>',
    )
    expect(html`${new Markup('<hr>')}`.text).toBe('<hr>')
  })
})
