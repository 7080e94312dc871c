/** A tiny model that holds one operator, in the text form of test/support/graph.ts. */
export interface KernelCase {
  /** `MatMul`, `com.microsoft.BiasGelu`. */
  readonly op: string
  /** What tells it from other cases of the operator: an element type, and what is special. */
  readonly variant: string
  readonly opset: number
  readonly text: string
}

export const floats = ['float32', 'float16', 'float64', 'bfloat16']
export const narrowFloats = ['float32', 'float16', 'bfloat16']
export const integers = ['int8', 'uint8', 'int32', 'int64']
export const everything = [...floats, ...integers, 'bool']

export interface Template {
  readonly op: string
  readonly types: readonly string[]
  /** 21 unless given. */
  readonly opset?: number
  /** Added to the type in the variant. */
  readonly special?: string
  /** The graph, with `T` for the element type. */
  readonly text: string
}

/** One case for each element type of a template. */
export const casesOf = ({ op, types, opset = 21, special, text }: Template): KernelCase[] =>
  types.map((type) => ({
    op,
    variant: special === undefined ? type : `${type} ${special}`,
    opset,
    text: `opset ${opset}, com.microsoft 1\n${text.replaceAll(/\bT\b/g, type)}`,
  }))

/** An operator of one input, with its attributes. */
export const unary = (
  op: string,
  types: readonly string[],
  more: { attributes?: string; opset?: number; dims?: string } = {},
): Template => ({
  op,
  types,
  ...(more.opset === undefined ? {} : { opset: more.opset }),
  text: `(x: T[${more.dims ?? '2, 8'}]) -> (y)\ny = ${op}(x)${more.attributes ? ` {${more.attributes}}` : ''}`,
})
