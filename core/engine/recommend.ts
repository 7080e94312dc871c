import type { Recommendation } from '../api/answers.ts'
import type { RecommendRequest } from '../api/requests.ts'
import { openData } from '../data/open.ts'
import { recommendPipeline } from '../pipeline/recommend.ts'
import type { Workshop } from './workshop.ts'

/** A pipeline for a model, its target and the data at hand, each stage with its reason. */
export async function recommend(
  workshop: Workshop,
  { model: name, data: manifest, target = 'ort' }: RecommendRequest,
): Promise<Recommendation> {
  const { model } = workshop.models.find(name)
  const data = manifest ? await openData({ manifest, graph: model.graph, store: workshop.store }) : null
  const machine = await workshop.machine(false)
  return recommendPipeline({ model, target, data, machine, passes: workshop.passes })
}
