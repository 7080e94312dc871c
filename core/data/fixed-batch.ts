import type { Model } from '../ir/model.ts'
import type { SampleTable } from '../runtime/session.ts'

/** How many samples every run of these models takes, where one of them fixes that, as freezing sizes can; else 1. Inputs that take one whole sample fix nothing. */
export function fixedBatch(models: readonly Model[], table: SampleTable): number {
  const several = new Set(table.inputs.flatMap(({ name, whole }) => (whole === true ? [] : [name])))
  const sizes = models.flatMap(({ graph }) =>
    graph.inputs.flatMap(({ name, type }) => {
      const first = type?.kind === 'tensor' ? type.shape?.[0] : undefined
      return several.has(name) && typeof first === 'number' ? [first] : []
    }),
  )
  return Math.max(1, ...sizes)
}
