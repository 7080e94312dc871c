import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { numbersOf } from '../../../core/ir/numbers.ts'
import type { Tensor } from '../../../core/ir/tensor.ts'
import type { Value } from '../../../core/ir/value.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { Shapes } from '../../../core/shapes/infer.ts'
import { knownOf } from '../../../core/shapes/known.ts'
import { sharedFolder } from '../../support/real-models.ts'
import { readTensorFile } from '../../support/tensor-file.ts'

const folder = join(sharedFolder, 'onnx-node-tests')
const cases = existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'model.onnx'))) : []

/** The tensors of a case's first data set, `null` for sequences and what is left out. */
function tensorsOf(name: string, kind: 'input' | 'output', count: number): (Tensor | null)[] {
  return Array.from({ length: count }, (_, i) => {
    const file = join(folder, name, 'test_data_set_0', `${kind}_${i}.pb`)
    return existsSync(file) ? readTensorFile(file) : null
  })
}

interface Verdict {
  readonly wrong: readonly string[]
  readonly values: number
  readonly typed: number
  readonly followed: number
}

/** Infers a case from its inputs alone, content included, and compares with the outputs that the standard expects. */
function judge(name: string): Verdict {
  const { graph } = openModel(join(folder, name, 'model.onnx'))
  const isTensor = (value: Value) => value.type?.kind === 'tensor'
  if (![...graph.inputs, ...graph.outputs].every(isTensor)) return { wrong: [], values: 0, typed: 0, followed: 0 }
  const inputs = tensorsOf(name, 'input', graph.inputs.length)
  const outputs = tensorsOf(name, 'output', graph.outputs.length)
  for (const node of graph.nodes) for (const output of node.outputs) if (output.name !== '') graph.setType(output, null)
  const shapes = new Shapes()
  graph.inputs.forEach((input, i) => {
    const tensor = inputs[i] ?? null
    if (tensor !== null) shapes.learn(input, knownOf(tensor))
  })
  shapes.graph(graph)
  const verdicts = graph.outputs.map((output, i) => judgeOutput(output, outputs[i] ?? null, shapes))
  return {
    wrong: verdicts.flatMap(({ wrong }) => (wrong === null ? [] : [`${name}: ${wrong}`])),
    values: verdicts.length,
    typed: verdicts.filter(({ typed }) => typed).length,
    followed: verdicts.filter(({ followed }) => followed).length,
  }
}

function judgeOutput(output: Value, expected: Tensor | null, shapes: Shapes): { wrong: string | null; typed: boolean; followed: boolean } {
  const { type } = output
  if (type?.kind !== 'tensor' || expected === null) return { wrong: null, typed: false, followed: false }
  const { dtype, dims } = expected.ref
  const said = `${output.producer?.opType} gives ${type.dtype}[${type.shape}], the standard ${dtype}[${dims}]`
  const same =
    type.dtype === dtype &&
    (type.shape === null || (type.shape.length === dims.length && type.shape.every((dim, i) => typeof dim !== 'number' || dim === dims[i])))
  if (!same) return { wrong: said, typed: true, followed: false }
  const known = shapes.known(output)
  if (known === null) return { wrong: null, typed: type.shape !== null, followed: false }
  const numbers = numbersOf(expected)
  const off = known.entries.findIndex((entry, i) => typeof entry === 'number' && !close(entry, numbers[i] as number))
  const content = off < 0 ? null : `${output.producer?.opType} holds ${known.entries[off]} at ${off}, the standard ${numbers[off]}`
  return { wrong: content, typed: true, followed: true }
}

/** The reference results of the standard come from numpy, whose last digit may differ. */
const close = (a: number, b: number): boolean => Object.is(a, b) || a === b || Math.abs(a - b) <= 2e-7 * Math.max(Math.abs(a), Math.abs(b))

describe.skipIf(cases.length === 0)('inference on the test cases of the standard', () => {
  const verdicts = cases.map(judge)
  const sum = (of: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0)

  it('never says a type, shape or content that the standard contradicts', () => {
    expect(verdicts.flatMap(({ wrong }) => wrong)).toEqual([])
  })

  it('knows the shapes of nearly all outputs, and follows the content of many', () => {
    const [values, typed, followed] = [sum(({ values }) => values), sum(({ typed }) => typed), sum(({ followed }) => followed)]
    process.stdout.write(`${cases.length} cases: ${values} outputs, ${typed} typed, ${followed} followed\n`)
    expect(typed / values).toBeGreaterThan(0.9)
    expect(followed / values).toBeGreaterThan(0.15)
  })
})
