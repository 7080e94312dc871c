import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../../core/api/problem.ts'
import { type Grammar, helpOf, parse } from '../../../core/cli/arguments.ts'

const grammar: Grammar = {
  name: 'run',
  summary: 'Runs',
  positionals: ['MODEL'],
  options: [
    { name: 'pipeline', value: 'FILE', summary: 'a pipeline' },
    { name: 'set', value: 'X=Y', summary: 'an option', many: true },
    { name: 'threads', value: 'N', summary: 'threads' },
    { name: 'batch', value: 'N,N', summary: 'batches' },
    { name: 'no-measure', summary: 'no figures' },
  ],
}

function refusal(...typed: string[]) {
  try {
    const given = parse(grammar, typed)
    given.integer('threads')
    given.integers('batch')
    given.required('pipeline')
  } catch (error) {
    if (error instanceof ProblemError) return { kind: error.problem.kind, text: error.message }
    throw error
  }
  return null
}

describe('arguments', () => {
  it('takes options before and after, with = and without', () => {
    const given = parse(grammar, ['--set', 'a.b=1', 'm.onnx', '--set=c.d={"x":2}', '--pipeline', 'p.json', '--no-measure', '--threads=4'])
    expect(given.positionals).toEqual(['m.onnx'])
    expect(given.texts('set')).toEqual(['a.b=1', 'c.d={"x":2}'])
    expect(given.required('pipeline')).toBe('p.json')
    expect(given.integer('threads')).toBe(4)
    expect(given.flag('no-measure')).toBe(true)
    expect(given.flag('json')).toBe(false)
  })

  it.each([
    [['m', '--pipline', 'x'], /no option --pipline. Did you mean --pipeline\?/],
    [['m', '--pipeline'], /--pipeline needs a value/],
    [['m', '--pipeline', '--json'], /--pipeline needs a value/],
    [['m', '--no-measure=yes'], /--no-measure takes no value/],
    [['m', '--pipeline', 'a', '--pipeline', 'b'], /--pipeline is given twice/],
    [['--pipeline', 'a'], /run needs MODEL/],
    [['m', 'n', '--pipeline', 'a'], /does not take "n"/],
    [['m', '--threads', '0'], /--threads is "0"/],
    [['m', '--threads', '1e3'], /whole number/],
    [['m', '--batch', '1,x'], /--batch is "x"/],
    [['m'], /run needs --pipeline/],
    [['m', '-x'], /no option -x/],
  ])('%j is wrong usage', (typed, sentence) => {
    const refused = refusal(...typed)
    expect(refused?.kind).toBe('usage')
    expect(refused?.text).toMatch(sentence)
  })

  it('help needs no arguments and names every option', () => {
    expect(parse(grammar, ['--help']).flag('help')).toBe(true)
    for (const { name } of grammar.options) expect(helpOf(grammar)).toContain(`--${name}`)
  })
})
