import { basename, join } from 'node:path'
import type { Model } from '../ir/model.ts'
import { allNodes } from '../ir/walk.ts'
import { writeModel } from '../onnx/write.ts'
import { feedsFor, outputsOf } from '../pipeline/borders.ts'
import type { Outputs } from '../runtime/session.ts'
import type { Draft, DraftInput } from './export.ts'
import { inOpset } from './in-opset.ts'
import { defaultThreads } from './threads.ts'

/** A version as .onnx: run as deployed, with all of the runtime's own optimizations. */
export function onnxDraft({ workshop, found, request, signal, progress }: DraftInput): Draft {
  const { borders } = found
  const model = inOpset(found.model, request.opset)
  return {
    ops: operatorsOf(model),
    notes: contribNotes(model),
    scaffold: [],
    async write(folder) {
      const externalData = request.externalData === true ? 'always' : 'auto'
      const written = await writeModel(model, join(folder, basename(request.out)), { externalData, signal, onProgress: progress })
      return written.data === null ? [written.path] : [written.path, written.data]
    },
    // What the version itself cost is told by the report; the file only has to run.
    limits: null,
    judged: () => null,
    referenceLevel: 'all',
    async run(file, feeds) {
      const session = { model: file, provider: 'cpu', threads: defaultThreads(), level: 'all' } as const
      const results: Outputs[] = []
      for (const each of feeds) {
        results.push(
          outputsOf(await workshop.runtime.execute({ session, feeds: feedsFor(each, borders), wanted: [] }, { signal }), borders),
        )
      }
      return { outputs: results, timed: null }
    },
  }
}

/** How many nodes there are of each operator, subgraphs included; operators of other domains with their domain. */
export function operatorsOf(model: Model): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { domain, opType } of allNodes(model.graph)) {
    const name = domain === '' ? opType : `${domain}.${opType}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a))
}

function contribNotes(model: Model): string[] {
  const domains = new Map<string, number>()
  for (const { domain } of allNodes(model.graph)) if (domain !== '') domains.set(domain, (domains.get(domain) ?? 0) + 1)
  return [...domains].map(([domain, count]) =>
    domain.startsWith('com.microsoft')
      ? `It needs ONNX Runtime: ${count} nodes are of ${domain}.`
      : `It needs a runtime that knows the domain '${domain}' (${count} nodes).`,
  )
}
