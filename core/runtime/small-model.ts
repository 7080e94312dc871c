import { type DType, onnxCode } from '../ir/dtype.ts'
import { concat, integerField, lengthField } from './wire.ts'

/** A model of one standard operator, for what the runtime process asks of the runtime itself. */
export interface SmallModel {
  readonly op: string
  /** Integer attributes. */
  readonly attributes?: Readonly<Record<string, number>>
  /** Names are `a`, `b`, ... */
  readonly inputs: readonly Border[]
  /** Its name is `y`. */
  readonly output: Border
}

interface Border {
  readonly dtype: DType
  readonly dims: readonly (number | string)[]
}

const letters = 'abcdefgh'

/** The model as an encoded ModelProto of opset 17. */
export function encodeSmallModel({ op, attributes = {}, inputs, output }: SmallModel): Uint8Array {
  const names = inputs.map((_, index) => letters[index] as string)
  const node = lengthField(
    1,
    ...names.map((name) => lengthField(1, name)),
    lengthField(2, 'y'),
    lengthField(4, op),
    ...Object.entries(attributes).map(([name, value]) => lengthField(5, lengthField(1, name), integerField(3, value), integerField(20, 2))),
  )
  const borders = inputs.map((input, index) => lengthField(11, valueInfo(names[index] as string, input)))
  const graph = lengthField(7, node, lengthField(2, op), ...borders, lengthField(12, valueInfo('y', output)))
  return concat([integerField(1, 8), lengthField(8, integerField(2, 17)), graph])
}

function valueInfo(name: string, { dtype, dims }: Border): Uint8Array {
  const shape = dims.map((dim) => lengthField(1, typeof dim === 'number' ? integerField(1, dim) : lengthField(2, dim)))
  return concat([lengthField(1, name), lengthField(2, lengthField(1, integerField(1, onnxCode(dtype)), lengthField(2, ...shape)))])
}
