import type { Bench } from '../api/bench.ts'

/** Throughput within this share of the best is as good as the best. */
const nearlyBest = 0.95

type Figures = Bench['models'][number]
type Recommended = NonNullable<Bench['recommended']>[number]

/** The knees of throughput: for each model over batches, and over numbers of threads at its best batch. Nothing for what was not swept. */
export function recommend(models: readonly Figures[]): Recommended[] {
  return [
    ...series(models, ({ path, threads, sequence }) => [path, threads, sequence]).flatMap((points) => knee(points, 'batch')),
    ...series(models, ({ path, batch, sequence }) => [path, batch, sequence]).flatMap((points) => knee(points, 'threads')),
  ]
}

function series(models: readonly Figures[], fixed: (model: Figures) => readonly unknown[]): Figures[][] {
  const found = new Map<string, Figures[]>()
  for (const model of models) {
    const key = JSON.stringify(fixed(model))
    found.set(key, [...(found.get(key) ?? []), model])
  }
  return [...found.values()]
}

function knee(points: readonly Figures[], of: 'batch' | 'threads'): Recommended[] {
  if (new Set(points.map((point) => point[of])).size < 2) return []
  const best = Math.max(...points.map(({ throughput }) => throughput))
  const [found] = points.filter(({ throughput }) => throughput >= nearlyBest * best).sort((a, b) => a[of] - b[of])
  if (found === undefined) return []
  const { path, batch, threads, sequence, throughput } = found
  const what = of === 'batch' ? 'the smallest batch' : 'the fewest threads'
  const because = `${what} with at least ${100 * nearlyBest} % of the best throughput, ${best.toPrecision(4)} samples a second`
  return [{ path, of, batch, threads, ...(sequence === undefined ? {} : { sequence }), throughput, because }]
}
