import type { TensorData } from '../../observe/reducer.ts'
import { bundledProviders, openSession, runtimeVersion } from '../ort.ts'
import { encodeSmallModel } from '../small-model.ts'
import type { Program } from './program.ts'

/** Names the runtime and finds out what it can do on this machine. */
export const info: Program<'info'> = async () => ({
  name: 'onnxruntime',
  version: runtimeVersion,
  providers: bundledProviders(),
  int8DotProduct: await multipliesExactly(),
})

/** The largest u8 x s8 products there are: pairs of them pass 16 bits wherever sums are taken in pairs. */
const depth = 64
const [rows, columns] = [4, 16]
const exact = 255 * 127 * depth

/**
 * Whether u8 x s8 products are summed without saturating, asked of the kernel itself: with pairs saturating at 32767 each sum is
 * 32 x 32767 = 1,048,544 instead of 2,072,640.
 */
async function multipliesExactly(): Promise<boolean> {
  const spec = { model: '', provider: 'cpu', threads: 1, level: 'disabled' } as const
  const session = await openSession(spec, {}, productModel)
  const filled = (dtype: 'uint8' | 'int8', dims: readonly [number, number], value: number): TensorData => ({
    dtype,
    dims,
    data: new Uint8Array(dims[0] * dims[1]).fill(value),
  })
  const { y } = await session.run(session.prepare({ a: filled('uint8', [rows, depth], 255), b: filled('int8', [depth, columns], 127) }), [])
  await session.release()
  const sums = y as TensorData
  return new Int32Array(sums.data.buffer as ArrayBuffer, sums.data.byteOffset, rows * columns).every((sum) => sum === exact)
}

const productModel = encodeSmallModel({
  op: 'MatMulInteger',
  inputs: [
    { dtype: 'uint8', dims: [rows, depth] },
    { dtype: 'int8', dims: [depth, columns] },
  ],
  output: { dtype: 'int32', dims: [rows, columns] },
})
