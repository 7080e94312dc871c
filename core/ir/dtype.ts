/** Element types of tensors, named as ONNX names them in lower case. */
const table = {
  float32: { code: 1, bits: 32 },
  uint8: { code: 2, bits: 8 },
  int8: { code: 3, bits: 8 },
  uint16: { code: 4, bits: 16 },
  int16: { code: 5, bits: 16 },
  int32: { code: 6, bits: 32 },
  int64: { code: 7, bits: 64 },
  string: { code: 8, bits: 0 },
  bool: { code: 9, bits: 8 },
  float16: { code: 10, bits: 16 },
  float64: { code: 11, bits: 64 },
  uint32: { code: 12, bits: 32 },
  uint64: { code: 13, bits: 64 },
  complex64: { code: 14, bits: 64 },
  complex128: { code: 15, bits: 128 },
  bfloat16: { code: 16, bits: 16 },
  float8e4m3fn: { code: 17, bits: 8 },
  float8e4m3fnuz: { code: 18, bits: 8 },
  float8e5m2: { code: 19, bits: 8 },
  float8e5m2fnuz: { code: 20, bits: 8 },
  uint4: { code: 21, bits: 4 },
  int4: { code: 22, bits: 4 },
  float4e2m1: { code: 23, bits: 4 },
  float8e8m0: { code: 24, bits: 8 },
  uint2: { code: 25, bits: 2 },
  int2: { code: 26, bits: 2 },
  float6e2m3: { code: 27, bits: 6 },
  float6e3m2: { code: 28, bits: 6 },
} as const

export type DType = keyof typeof table

export const dtypes = Object.keys(table) as readonly DType[]

const byCode = new Map<number, DType>(dtypes.map((dtype) => [table[dtype].code, dtype]))

/** The `TensorProto.DataType` number, as Cast's `to` attribute wants it. */
export const onnxCode = (dtype: DType): number => table[dtype].code

/** The element type of a `TensorProto.DataType` number; `undefined` for 0 and for numbers this version does not know. */
export const dtypeOfCode = (code: number): DType | undefined => byCode.get(code)

/** Bits of one element as stored; 0 for strings, whose length varies. */
export const bitsOf = (dtype: DType): number => table[dtype].bits

/** Bytes that `count` elements take, sub-byte types packed without gaps (two or four to a byte, four 6-bit ones to three) as ONNX packs them. */
export const byteLength = (dtype: DType, count: number): number => Math.ceil((count * table[dtype].bits) / 8)

const floats: ReadonlySet<DType> = new Set([
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'float8e8m0',
  'float4e2m1',
  'float6e2m3',
  'float6e3m2',
])

export const isFloat = (dtype: DType): boolean => floats.has(dtype)

export const isInteger = (dtype: DType): boolean => /^u?int\d+$/.test(dtype)
