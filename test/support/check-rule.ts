import { expect } from 'vitest'
import type { Model } from '../../core/ir/model.ts'
import { verifyModel } from '../../core/ir/verify.ts'
import { allNodes } from '../../core/ir/walk.ts'
import { drive } from '../../core/rewrite/drive.ts'
import { isSweep, type Step } from '../../core/rewrite/rule.ts'
import { furthest } from '../../core/rewrite/trace.ts'
import { expand } from '../../core/rules/expand/index.ts'
import { inferShapes } from '../../core/shapes/infer.ts'
import { modelOf, modelText } from './graph.ts'
import { difference, feedsFor, runModel } from './run-model.ts'

export interface RuleCase {
  /** A whole graph; see `modelOf`. */
  readonly before: string
  /** The lines of the graph's body afterwards (names inside do not matter); the header is that of `before`. */
  readonly after: string
  /** Operator sets of the graph; opset 21 and com.microsoft 1 unless given. */
  readonly opsets?: string
  /** Sizes of symbols; co-prime ones unless given. */
  readonly sizes?: ReadonlyMap<string, number>
}

/**
 * Proves a rule (or sweep) on a graph: the runtime accepts and runs both sides, the text afterwards is as expected, outputs agree within the
 * tolerance of the rule's fidelity on seeded inputs, and the rule finds nothing more to do.
 */
export async function checkRule(step: Step, { before, after, opsets = 'opset 21, com.microsoft 1', sizes }: RuleCase): Promise<void> {
  const source = modelOf(`${opsets}\n${before.trim()}`)
  expect(verifyModel(source), 'the graph before').toEqual([])
  const model = source.fork()
  const driven = apply(model, [step])
  expect(driven, `${step.id} did nothing`).toBeGreaterThan(0)
  const header = before.trim().split('\n')[0]
  expect(bodyOf(model)).toBe(bodyOf(modelOf(`${opsets}\n${header}\n${after.trim()}`)))
  expect(verifyModel(model), 'the graph after').toEqual([])
  await checkSame(source, model, { fidelity: step.fidelity === 'exact' ? 'exact' : 'rounding', ...(sizes === undefined ? {} : { sizes }) })
  expect(apply(model.fork(), [step]), `${step.id} matches again`).toBe(0)
}

/** Runs both models on the same seeded inputs and expects the same outputs within the tolerance. */
export async function checkSame(
  source: Model,
  model: Model,
  options: { fidelity: 'exact' | 'rounding'; sizes?: ReadonlyMap<string, number> },
): Promise<void> {
  const feeds = feedsFor(source, options.sizes === undefined ? {} : { sizes: options.sizes })
  const expected = await runModel(expanded(source), feeds)
  const actual = await runModel(expanded(model), feeds)
  for (const [name, tensor] of Object.entries(expected)) {
    const apart = difference(actual[name], tensor, options.fidelity)
    if (apart !== null) throw new Error(`output '${name}': ${apart}\n${modelText(model)}`)
  }
}

/** Canonical operators replaced by their definitions: no runtime knows them. */
function expanded(model: Model): Model {
  if (![...allNodes(model.graph)].some(({ domain }) => domain === 'lathe')) return model
  const fork = model.fork()
  const shapes = inferShapes(fork)
  drive(fork, expand, { infer: shapes.node })
  fork.opsets.delete('lathe')
  return fork
}

/** Proves that a rule leaves a graph alone and says why: `sentence` is part of a reason it gives. */
export function checkRejects(step: Step, text: string, sentence: string, opsets = 'opset 21, com.microsoft 1'): void {
  const model = modelOf(`${opsets}\n${text.trim()}`)
  const fork = model.fork()
  expect(apply(fork, [step]), `${step.id} changed the graph`).toBe(0)
  expect(bodyOf(fork)).toBe(bodyOf(model))
  if (isSweep(step)) throw new Error('a sweep gives no reasons: use checkLeaves')
  const reasons = [...allNodes(fork.graph)].flatMap((node) => furthest(step, node)?.reason ?? [])
  expect(reasons).toEqual(expect.arrayContaining([expect.stringContaining(sentence)]))
}

/** Proves that a rule or sweep leaves a graph as it is. */
export function checkLeaves(step: Step, text: string, opsets = 'opset 21, com.microsoft 1'): void {
  const model = modelOf(`${opsets}\n${text.trim()}`)
  expect(apply(model, [step]), `${step.id} changed the graph:\n${modelText(model)}`).toBe(0)
}

function apply(model: Model, steps: readonly Step[]): number {
  const shapes = inferShapes(model)
  return [...drive(model, steps, { infer: shapes.node }).counts.values()].reduce((sum, count) => sum + count, 0)
}

const bodyOf = (model: Model): string => modelText(model, { names: 'canonical' }).split('\n').slice(2).join('\n')
