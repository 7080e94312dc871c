import type { Comparison } from '../api/answers.ts'
import type { CompareRequest } from '../api/requests.ts'
import { openData, preparationOf } from '../data/open.ts'
import { defaultSeed } from '../data/random.ts'
import { countNodes } from '../ir/reference.ts'
import { compareModels } from '../measure/compare.ts'
import { storagePair, withFileSizes } from '../measure/storage.ts'
import { requireComparable } from './comparable.ts'
import { contentHash } from './content-hash.ts'
import { nondeterminism } from './determinism.ts'
import { generatedApart } from './generated.ts'
import type { Control } from './interface.ts'
import { bytesOnDisk } from './models.ts'
import { providerOn } from './provider.ts'
import { chosenThreads } from './threads.ts'
import type { Found, Workshop } from './workshop.ts'

/** Per-layer accuracy and latency of any two models, tied by names, weights and structure. */
export async function compareFiles(workshop: Workshop, request: CompareRequest, control: Control = {}): Promise<Comparison> {
  const { store, runtime } = workshop
  const { signal = new AbortController().signal } = control
  const [baseline, candidate] = [workshop.find({ model: request.baseline }), workshop.find({ model: request.candidate })]
  requireComparable(baseline, candidate)
  const machine = await workshop.machine(true)
  const [provider, threads] = [providerOn(machine, request.provider), chosenThreads(request.threads)]
  const data = request.data
    ? await openData({ manifest: request.data, graph: baseline.model.graph, store, halve: false, skipBroken: request.skipBroken ?? false })
    : await generatedApart(baseline.model, { store, runtime, provider, threads, seed: request.seed ?? defaultSeed }, signal)
  const compared = await compareModels({
    ...{ runtime, store, data },
    baseline: baseline.model,
    candidate: candidate.model,
    lineage: 'matched',
    provider,
    threads,
    ...(request.rounds === undefined ? {} : { rounds: request.rounds }),
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    signal,
    ...(control.onProgress === undefined ? {} : { onProgress: control.onProgress }),
  })
  const [first, second] = await Promise.all([baseline, candidate].map(({ source }) => contentHash(source.model, store)))
  const same = first === second ? ['The two files are the same, byte for byte: whatever differs here is noise.'] : []
  const random = [baseline, candidate].flatMap(({ model }) => nondeterminism(model))
  const size = { baseline: bytesOnDisk(baseline.model), candidate: bytesOnDisk(candidate.model) }
  const storage = await storagePair(baseline.model, candidate.model, true)
  const { accuracy, latencyMs, peakMemoryBytes, energyJoules, tied, layers } = compared.figures
  return {
    baseline: sideOf(baseline),
    candidate: sideOf(candidate),
    layers: withFileSizes(layers, storage, size),
    ...{ accuracy, energyJoules, tied, machine, size, storage },
    latency: latencyMs,
    memory: peakMemoryBytes,
    preparation: preparationOf(data),
    protocol: compared.protocol,
    matching: compared.matching,
    notes: [...same, ...new Set(random), ...(data?.notes ?? []), ...compared.notes],
  }
}

const sideOf = ({ source, model }: Found): Comparison['baseline'] => ({
  path: source.path,
  bytes: bytesOnDisk(model),
  nodes: countNodes(model).nodes,
})
