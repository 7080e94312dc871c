import { targetSchema } from '../api/pipeline.ts'
import type { Recommendation } from '../api/recommendation.ts'
import type { RecommendRequest } from '../api/requests.ts'
import { openData } from '../data/open.ts'
import { recommendPipeline } from '../pipeline/recommend.ts'
import { fusionsFor } from './fusions.ts'
import type { Workshop } from './workshop.ts'

/** A pipeline for a model, its target and the data at hand: the decisions that lead to it, and each stage with its reason. */
export async function recommend(
  workshop: Workshop,
  { model: name, data: manifest, target = 'ort', choices = {} }: RecommendRequest,
): Promise<Recommendation> {
  const { model } = workshop.models.find(name)
  const data = manifest ? await openData({ manifest, graph: model.graph, store: workshop.store }) : null
  const machine = await workshop.machine(false)
  const { passes } = workshop
  const wished = targetSchema.safeParse(choices.target)
  const fusions = await fusionsFor(model, wished.success ? wished.data : target, passes, machine)
  return recommendPipeline({ model, target, data, machine, passes, fusions, choices })
}
