import { intOf, intsOf, textOf } from '../ir/attributes.ts'
import type { Model } from '../ir/model.ts'
import type { Node } from '../ir/value.ts'
import type { PassContext } from '../pass.ts'
import type { Covariance } from './adaptive-rounding.ts'
import { notFiniteActivation } from './problems.ts'
import type { Weighted } from './static-plan.ts'

export interface CovarianceRequest {
  readonly weighted: readonly Weighted[]
  /** Calibration samples that are looked at, at most. */
  readonly samples: number
  /** Nodes whose mean error a bias takes back: only what varies counts for them. */
  readonly centred: ReadonlySet<Node>
  /** Multiplications that rounding one weight, and all of them, may take. */
  readonly most: { readonly each: number; readonly all: number }
}

/** Bytes of second moments that one observation brings back. */
const mostBytes = 200e6
/** Rows from one batch and in all: some times the depth of what is affordable. */
const rows = { batch: 512, all: 4096 }
/** Share of the mean variance that is added to each, for directions that the samples never showed. */
const damping = 0.01

/**
 * How the inputs of weights vary together, observed on calibration samples, for as many weights as the cost allows: the cheap ones first.
 * @throws ProblemError when an activation is infinite or no number for some sample
 */
export async function covariancesOf(
  model: Model,
  request: CovarianceRequest,
  context: PassContext,
): Promise<ReadonlyMap<Node, Covariance>> {
  const calibration = context.dataset?.calibration
  if (!calibration) return new Map()
  const count = Math.min(request.samples, calibration.count)
  const table = { ...calibration, id: `${calibration.id}:${count}`, count }
  const covariances = new Map<Node, Covariance>()
  for (const group of groupsOf(affordable(request))) {
    const calls = group.flatMap(({ call, finite }) => [call, finite])
    const found = await context.observe(model, table, [...new Map(calls.map((call) => [call.key, call])).values()])
    for (const { node, call, finite } of group) {
      const { nonFinite, elements: seen } = found[finite.key] as Finiteness
      if (nonFinite > 0) throw notFiniteActivation(finite.values[0]?.name ?? '', nonFinite, seen)
      const moments = found[call.key] as Moments
      if (moments.rows > 0) covariances.set(node, covarianceOf(moments, request.centred.has(node)))
    }
  }
  return covariances
}

type Call = Parameters<PassContext['observe']>[2][number]

interface Wanted {
  readonly node: Node
  readonly call: Call
  /** Whether the activation is finite. */
  readonly finite: Call
  /** Elements of the second moments. */
  readonly elements: number
  readonly cost: number
}

interface Finiteness {
  readonly nonFinite: number
  readonly elements: number
}

interface Moments {
  readonly groups?: number
  readonly size: number
  readonly rows: number
  readonly matrix: Float64Array
  readonly sums: Float64Array
}

function affordable({ weighted, most }: CovarianceRequest): Wanted[] {
  const chosen: Wanted[] = []
  let left = most.all
  for (const wanted of weighted.flatMap((each) => wantedFor(each) ?? []).sort((a, b) => a.cost - b.cost)) {
    left -= wanted.cost
    if (left >= 0 && wanted.cost <= most.each) chosen.push(wanted)
  }
  return chosen
}

function wantedFor({ kind, found }: Weighted): Wanted | null {
  const { node, activation, matrix } = found
  const values = [{ session: 0, name: activation.name }]
  const cost = matrix.channels * matrix.depth ** 2
  const finite = { key: `finite:${activation.name}`, reducer: 'finiteness', values }
  if (kind === 'product') {
    const call = { key: `gram:${activation.name}`, reducer: 'gram', values, options: { rows: rows.all } }
    return { node, call, finite, elements: matrix.depth ** 2, cost }
  }
  const padding = textOf(node, 'auto_pad', 'NOTSET')
  if (padding !== 'NOTSET' && padding !== 'VALID') return null
  const kernel = found.tensor.ref.dims.slice(2)
  const ones = kernel.map(() => 1)
  const groups = intOf(node, 'group', 1)
  const options = {
    kernel,
    strides: intsOf(node, 'strides') ?? ones,
    pads: padding === 'VALID' ? [] : (intsOf(node, 'pads') ?? []),
    dilations: intsOf(node, 'dilations') ?? ones,
    groups,
    patches: rows.batch,
    limit: rows.all,
  }
  const call = { key: `patches:${activation.name} ${JSON.stringify(options)}`, reducer: 'patch-gram', values, options }
  return { node, call, finite, elements: groups * matrix.depth ** 2, cost }
}

function groupsOf(wanted: readonly Wanted[]): Wanted[][] {
  const groups: Wanted[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const each of wanted) {
    bytes += 8 * each.elements
    if (bytes > mostBytes) {
      groups.push([])
      bytes = 8 * each.elements
    }
    groups.at(-1)?.push(each)
  }
  return groups
}

/** In shared memory: threads then read one copy. */
function covarianceOf({ groups = 1, size, rows: seen, matrix, sums }: Moments, centred: boolean): Covariance {
  const values = new Float32Array(new SharedArrayBuffer(4 * groups * size * size))
  for (let group = 0; group < groups; group++) {
    const at = group * size * size
    const mean = (k: number) => (centred ? (sums[group * size + k] as number) / seen : 0)
    let trace = 0
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) values[at + i * size + j] = (matrix[at + i * size + j] as number) / seen - mean(i) * mean(j)
      trace += values[at + i * size + i] as number
    }
    const added = (damping * trace) / size
    for (let i = 0; i < size; i++) values[at + i * size + i] = (values[at + i * size + i] as number) + added
  }
  return { values, groups }
}
