import type { Machine } from '../api/measurement.ts'
import type { Target } from '../api/pipeline.ts'
import type { Model } from '../ir/model.ts'
import type { Pass } from '../pass.ts'
import type { Fusions } from '../pipeline/recommend/facts.ts'
import { tryPass } from './would-change.ts'

/** Fusing a copy takes seconds in a graph of more nodes than this: nobody waits for it just to be advised. */
const largestAtOnce = 3000

const unknown: Fusions = { all: null, withoutSums: null, hasSums: null, sameOpset: null }

const known = new WeakMap<Model, Map<Target, Promise<Fusions>>>()

/** How many nodes fusing would change for a target, in each form that matters there; tried once for each model. */
export function fusionsFor(model: Model, target: Target, passes: readonly Pass[], machine: Machine): Promise<Fusions> {
  const fuse = passes.find(({ id }) => id === 'fuse')
  if (!fuse || model.graph.nodeCount > largestAtOnce) return Promise.resolve(unknown)
  const byTarget = known.get(model) ?? new Map<Target, Promise<Fusions>>()
  known.set(model, byTarget)
  const found = byTarget.get(target) ?? tried(fuse, model, { target, machine })
  byTarget.set(target, found)
  return found
}

async function tried(fuse: Pass, model: Model, surroundings: { readonly target: Target; readonly machine: Machine }): Promise<Fusions> {
  const fused = (options: Readonly<Record<string, unknown>>) => tryPass(fuse, model, options, surroundings)
  const all = await fused({})
  const apart = surroundings.target === 'ort' ? await fused({ residualSums: 'apart' }) : null
  return {
    all: all.nodes,
    withoutSums: apart?.nodes ?? null,
    hasSums: apart === null || apart.left === null || all.left === null ? null : all.left < apart.left,
    sameOpset: surroundings.target === 'onnx' ? (await fused({ newestOpset: null })).nodes : null,
  }
}
