import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Problem, ProblemError } from '../../../core/api/problem.ts'
import { onePart, type Pass } from '../../../core/pass.ts'
import { type PlanInput, pathTo, planOf } from '../../../core/pipeline/plan.ts'

const pass = (id: string, family: Pass['family'], options: Pass['options'] = z.strictObject({})): Pass => ({
  ...{ id, family, options, version: 1, title: id, summary: id, fidelity: 'exact' },
  run: async (model) => onePart(model, false),
})
const passes = [
  pass('clean-up', 'tidy'),
  pass('fuse', 'fuse'),
  pass('quantize', 'precision', z.strictObject({ bits: z.int().min(2).max(8).default(8), keep: z.array(z.string()).default([]) })),
]
const stages = [
  { id: 'tidy', pass: 'clean-up' },
  { id: 'int8', pass: 'quantize' },
]
const document = { lathe: 1, name: 'p', target: 'ort', stages }

function problemOf(input: Partial<PlanInput> & Pick<PlanInput, 'document'>): Problem {
  try {
    planOf({ passes, ...input })
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
  throw new Error('the plan was accepted')
}

describe('a plan', () => {
  it('gives no stage the name of a file that stands beside its folder', () => {
    const clash = { ...document, stages: [{ id: 'report.json', pass: 'clean-up' }] }
    expect(problemOf({ document: clash })).toMatchObject({ code: 'reserved-stage', where: { path: 'stages[0].id' } })
  })

  it('makes a chain of stages without wires, with complete options', () => {
    const plan = planOf({ document, passes })
    expect(plan.pipeline.wires).toEqual([
      ['source', 'tidy'],
      ['tidy', 'int8'],
    ])
    expect(plan.order).toEqual(['tidy', 'int8'])
    expect(plan.leaves).toEqual(['int8'])
    expect(plan.pipeline.stages[1]!.options).toEqual({ bits: 8, keep: [] })
  })

  it('makes a candidate of every leaf, and finishes a branch before the next', () => {
    const branching = {
      ...document,
      stages: [...stages, { id: 'int4', pass: 'quantize', options: { bits: 4 } }, { id: 'again', pass: 'clean-up' }],
      wires: [
        ['source', 'tidy'],
        ['tidy', 'int4'],
        ['tidy', 'int8'],
        ['int8', 'again'],
      ],
    }
    const plan = planOf({ document: branching, passes })
    expect(plan.order).toEqual(['tidy', 'int8', 'again', 'int4'])
    expect(plan.leaves).toEqual(['again', 'int4'])
    expect(pathTo('again', plan.before)).toEqual(['tidy', 'int8', 'again'])
  })

  it('takes settings over the document, as JSON and as bare words', () => {
    const plan = planOf({ document, passes, settings: ['int8.bits=4', 'int8.keep=["a"]'], target: 'tflite' })
    expect(plan.pipeline.stages[1]!.options).toEqual({ bits: 4, keep: ['a'] })
    expect(plan.pipeline.target).toBe('tflite')
    expect(plan.warnings).toMatchObject([{ stage: 'int8', what: expect.stringContaining('4-bit') }])
  })

  it('warns of stages that come in an order that helps nobody', () => {
    const reversed = { ...document, stages: [stages[1], { id: 'fuse', pass: 'fuse' }, { id: 'more', pass: 'quantize' }] }
    const { warnings } = planOf({ document: reversed, passes })
    expect(warnings.map(({ stage }) => stage)).toEqual(['fuse', 'more'])
  })

  const wrong: readonly [string, Partial<PlanInput> & Pick<PlanInput, 'document'>, Partial<Problem>][] = [
    ['an unknown key', { document: { ...document, extra: 1 } }, { kind: 'input', where: { path: 'extra' } }],
    ['an unknown key of a stage', { document: { ...document, stages: [{ ...stages[0], opt: {} }] } }, { where: { path: 'stages[0].opt' } }],
    ['a missing name', { document: { ...document, name: undefined } }, { what: "'name' is missing", where: { path: 'name' } }],
    ['no document at all', { document: null }, { kind: 'input', code: 'bad-pipeline' }],
    [
      'an unknown pass',
      { document: { ...document, stages: [{ id: 'a', pass: 'clean-pu' }] } },
      { where: { path: 'stages[0].pass' }, mend: 'Did you mean clean-up?' },
    ],
    [
      'an unknown option',
      { document: { ...document, stages: [{ id: 'a', pass: 'quantize', options: { bit: 4 } }] } },
      { where: { path: 'stages[0].options.bit' } },
    ],
    [
      'a bad option',
      { document: { ...document, stages: [{ id: 'a', pass: 'quantize', options: { bits: 9 } }] } },
      { where: { path: 'stages[0].options.bits' } },
    ],
    ['a duplicate stage', { document: { ...document, stages: [stages[0], stages[0]] } }, { code: 'duplicate-stage' }],
    ['a stage named source', { document: { ...document, stages: [{ id: 'source', pass: 'fuse' }] } }, { code: 'reserved-stage' }],
    [
      'a wire to nowhere',
      { document: { ...document, wires: [['source', 'tdy']] } },
      { where: { path: 'wires[0][1]' }, mend: 'Did you mean tidy?' },
    ],
    ['a stage without a wire', { document: { ...document, wires: [['source', 'tidy']] } }, { where: { path: 'stages[1]' } }],
    [
      'two wires to a stage',
      {
        document: {
          ...document,
          wires: [
            ['source', 'tidy'],
            ['tidy', 'int8'],
            ['source', 'int8'],
          ],
        },
      },
      { code: 'two-wires' },
    ],
    [
      'a circle',
      {
        document: {
          ...document,
          wires: [
            ['int8', 'tidy'],
            ['tidy', 'int8'],
          ],
        },
      },
      { code: 'circle' },
    ],
    ['a setting of no stage', { document, settings: ['int9.bits=4'] }, { kind: 'usage', mend: 'Did you mean int8?' }],
    ['a setting of no option', { document, settings: ['int8.bit=4'] }, { kind: 'usage', mend: 'Did you mean bits?' }],
    ['a setting that is none', { document, settings: ['int8'] }, { kind: 'usage', code: 'bad-setting' }],
    [
      'a setting with a value that the option does not take',
      { document, settings: ['int8.bits=true'] },
      { kind: 'usage', code: 'bad-setting', where: { path: '--set int8.bits=true' } },
    ],
    [
      'a stage id that is no name of a folder',
      { document: { ...document, stages: [{ id: '../../evil', pass: 'clean-up' }] } },
      { what: 'A stage id begins with a letter or digit and holds only letters, digits, dots, dashes and underscores' },
    ],
    ['a setting that is no JSON', { document, settings: ['int8.keep=[a'] }, { kind: 'usage' }],
  ]
  for (const [name, input, expected] of wrong) {
    it(`refuses ${name}`, () => {
      expect(problemOf(input)).toMatchObject(expected)
    })
  }

  it('names the file that the document came from', () => {
    expect(problemOf({ document: {}, file: 'p.json' }).where.file).toBe('p.json')
  })
})
