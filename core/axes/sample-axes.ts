import { intOf } from '../ir/attributes.ts'
import type { Graph } from '../ir/graph.ts'
import type { Dim, Node, Value } from '../ir/value.ts'
import { inferShapes } from '../shapes/infer.ts'
import { shapeOf } from '../shapes/shape-facts.ts'
import { type Axes, axesOf } from './axes.ts'
import type { Axis } from './axis.ts'

/** Which axes of a model's inputs count samples. */
export interface SampleAxes {
  /** By input: the axis along which samples lie, 0 where several go one behind the other; `null` where it has none. Inputs with a default are not there. */
  readonly of: ReadonlyMap<string, number | null>
  /** Names of sizes that are a number of samples. */
  readonly symbols: ReadonlySet<string>
}

/**
 * Finds the axes that count samples. They are first axes that are open or of size 1. One that another input has further in is a length, such as that of
 * positions beside tokens, unless all are such; none is one that a recurrent layer steps along. States of recurrent layers, [layers, samples, size], have theirs
 * second. Types of the graph stay as they are.
 */
export function sampleAxes(graph: Graph): SampleAxes {
  const { inputs, axes } = followed(graph)
  const counting = countingAxes(inputs, axes)
  const counts = (value: Value, axis: number) => rootsOf(axes, value, axis).some((root) => counting.has(root))
  const symbols = inputs.flatMap((value) =>
    (shapeOf(graph.find(value.name)!) ?? []).flatMap((size, axis) => (typeof size === 'string' && counts(value, axis) ? [size] : [])),
  )
  return {
    of: new Map(inputs.map((value) => [value.name, axisOf(value, counts)])),
    symbols: new Set(symbols),
  }
}

function axisOf(value: Value, counts: (value: Value, axis: number) => boolean): number | null {
  const shape = shapeOf(value)!
  const found = shape.findIndex((_, axis) => counts(value, axis))
  if (found >= 0) return found
  const [first] = shape
  if (first === 1) return 0
  const isState = typeof first === 'number' && shape.length === 3 && isNamelessOrBatch(shape[1]!, value)
  return isState ? 1 : null
}

/** No operator may tell whose axis it is: of a state that something unknown takes there is its name alone. */
const isNamelessOrBatch = (size: Dim, { name }: Value): boolean =>
  typeof size === 'string' && (size === nameFor(name, 1) || /batch/i.test(size))

/** Open sizes without a name have one of their own, so that they can be followed. */
const nameFor = (input: string, axis: number): string => `${input.replace(/\W/g, '_')}_dim${axis}`

/** The inputs of a copy of the graph that are fed and of known rank, and the axes of its values. Axes of inputs that have one name are one. */
function followed(graph: Graph): { readonly inputs: readonly Value[]; readonly axes: Axes } {
  const model = graph.model.fork()
  const inputs = model.graph.inputs.filter((value) => value.initializer === null && shapeOf(value) !== null)
  for (const value of inputs) {
    if (value.type?.kind !== 'tensor') continue
    model.graph.setType(value, { ...value.type, shape: shapeOf(value)!.map((size, axis) => size ?? nameFor(value.name, axis)) })
  }
  inferShapes(model)
  const axes = axesOf(model.graph)
  const named = new Map<Dim, { readonly value: Value; readonly axis: number }>()
  for (const value of inputs) {
    shapeOf(value)!.forEach((size, axis) => {
      const other = typeof size === 'string' ? named.get(size) : undefined
      if (other !== undefined) axes.unite(other, { value, axis })
      else if (typeof size === 'string') named.set(size, { value, axis })
    })
  }
  return { inputs, axes }
}

/** What an axis of an input is made of; nothing where its size is known, since that counts no samples. */
function rootsOf(axes: Axes, value: Value, axis: number): readonly Axis[] {
  if (typeof shapeOf(value)![axis] === 'number') return []
  return axes.of(value)?.[axis] ?? []
}

function countingAxes(inputs: readonly Value[], axes: Axes): ReadonlySet<Axis> {
  const { others, samples } = recurrences(inputs[0]?.graph, axes)
  const first = inputs.flatMap((value) => rootsOf(axes, value, 0)).filter((root) => !others.has(root))
  const further = new Set(inputs.flatMap((value) => shapeOf(value)!.flatMap((_, axis) => (axis === 0 ? [] : rootsOf(axes, value, axis)))))
  const own = first.filter((root) => !further.has(root) || samples.has(root))
  if (own.length > 0) return new Set(own)
  return first.length > 0 ? new Set(first) : samples
}

/** What recurrent layers tell: the axes of their samples, and which are none: steps, and directions of states. */
function recurrences(graph: Graph | undefined, axes: Axes): { readonly others: ReadonlySet<Axis>; readonly samples: ReadonlySet<Axis> } {
  const layers = [...(graph?.nodes ?? [])].filter(isRecurrence)
  const all = (input: number, axisIn: (layout: number) => number): Axis[] =>
    layers.flatMap((layer) => {
      const value = layer.inputs[input]
      return value == null ? [] : (axes.of(value)?.[axisIn(intOf(layer, 'layout', 0))] ?? [])
    })
  const steps = all(0, (layout) => layout)
  const directions = [5, 6].flatMap((state) => all(state, (layout) => layout))
  return { others: new Set([...steps, ...directions]), samples: new Set(all(0, (layout) => 1 - layout)) }
}

const isRecurrence = ({ opType, domain }: Node): boolean => domain === '' && ['LSTM', 'GRU', 'RNN'].includes(opType)
