import type { DType } from './dtype.ts'
import type { Graph } from './graph.ts'
import type { Tensor } from './tensor.ts'

/** A dimension: a size, a symbol or an expression over symbols (`batch`, `past + seq`), or unknown. */
export type Dim = number | string | null

/** A shape; `null` when not even the rank is known. */
export type Shape = readonly Dim[] | null

export type ValueType =
  | { readonly kind: 'tensor'; readonly dtype: DType; readonly shape: Shape }
  | { readonly kind: 'sparse'; readonly dtype: DType; readonly shape: Shape }
  | { readonly kind: 'sequence'; readonly element: ValueType | null }
  | { readonly kind: 'optional'; readonly element: ValueType | null }
  | { readonly kind: 'map'; readonly key: DType; readonly value: ValueType | null }
  | { readonly kind: 'opaque' }

/** Stable name of a node: path and position in the opened file (`12`, `12/then_branch/3`, `7//2`), or `+n` for one that a rule made. */
export type NodeId = string

/** Stable name of a value across all versions of a model: its path and name in the opened file, or `+n` for a new one. */
export type ValueId = string

export type Attribute =
  | { readonly type: 'float'; readonly value: number }
  /** Whole numbers past 2^53 that are not the int64 limits keep their digits in `exact`. */
  | { readonly type: 'int'; readonly value: number; readonly exact?: bigint }
  | { readonly type: 'string'; readonly value: string; readonly bytes?: Uint8Array }
  | { readonly type: 'tensor'; readonly value: Tensor }
  | { readonly type: 'graph'; readonly value: Graph }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'ints'; readonly value: readonly number[]; readonly exact?: readonly bigint[] }
  | { readonly type: 'strings'; readonly value: readonly string[]; readonly bytes?: readonly Uint8Array[] }
  | { readonly type: 'tensors'; readonly value: readonly Tensor[] }
  | { readonly type: 'graphs'; readonly value: readonly Graph[] }
  /** A kind this version has no form for (sparse tensors, type protos, newer kinds): the encoded `AttributeProto`, written back as it is. */
  | { readonly type: 'encoded'; readonly value: Uint8Array }

export type Attributes = ReadonlyMap<string, Attribute>

export interface Use {
  readonly node: Node
  /** Position among the node's inputs. */
  readonly index: number
}

/** A tensor (or sequence, map) that flows in a graph. Changed only through `Graph`. */
export interface Value {
  readonly id: ValueId
  /** Unique in its graph and the graphs around it. */
  readonly name: string
  readonly type: ValueType | null
  readonly graph: Graph
  /** The node that computes it; `null` for inputs and initializers. */
  readonly producer: Node | null
  /** The stored constant of an initializer. Of a value that is also a graph input it is only a default: see `constant`. */
  readonly initializer: Tensor | null
  /** The tensor when nothing can override it: an initializer that is no graph input. Constant nodes become these when a model is opened. */
  readonly constant: Tensor | null
  /** Everyone who reads it, in nodes of its own graph and of subgraphs. Graph outputs are not uses: see `isOutput`. */
  readonly uses: readonly Use[]
  /** Whether the graph gives it out. */
  readonly isOutput: boolean
  /** Whether the graph takes it in. */
  readonly isInput: boolean
  readonly unknown?: Uint8Array
}

/** An operator call. Changed only through `Graph`, so use lists stay true. */
export interface Node {
  readonly id: NodeId
  readonly name: string
  /** `''` is the standard domain (never `ai.onnx`). */
  readonly domain: string
  readonly opType: string
  readonly overload: string
  /** `null` stands for an optional input that is left out. */
  readonly inputs: readonly (Value | null)[]
  /** Left-out optional outputs have the name `''`. */
  readonly outputs: readonly Value[]
  readonly attributes: Attributes
  /** Nodes of the opened model from which this one stems; of an untouched node, itself. */
  readonly origins: ReadonlySet<NodeId>
  readonly graph: Graph
  readonly doc: string
  readonly metadata: ReadonlyMap<string, string>
  readonly unknown?: Uint8Array
}

/** How the elements of an old value are found in the value that replaces it: what per-layer accuracy pairs by. */
export type ValueMap =
  | { readonly kind: 'identity' }
  | { readonly kind: 'permute'; readonly perm: readonly number[] }
  | { readonly kind: 'reshape' }
  | { readonly kind: 'dequantize'; readonly scale: readonly number[]; readonly zeroPoint: readonly number[]; readonly axis: number | null }
  | { readonly kind: 'select'; readonly axis: number; readonly kept: readonly number[] }
  | { readonly kind: 'none' }

export const identityMap: ValueMap = { kind: 'identity' }
