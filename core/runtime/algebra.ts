import { arrayBytes } from '../ir/numbers.ts'
import type { Algebra, TensorData } from '../observe/reducer.ts'
import { openSession, type Session } from './ort.ts'
import { encodeSmallModel } from './small-model.ts'

/** Dense products by the runtime's own kernels. Nothing is loaded before the first. */
export function createAlgebra(threads: number): Algebra & { close(): Promise<void> } {
  let session: Promise<Session> | null = null
  return {
    async gram(x, columns) {
      session ??= openSession({ model: '', provider: 'cpu', threads, level: 'disabled' }, {}, gramModel)
      const tensor: TensorData = {
        dtype: 'float32',
        dims: [x.length / columns, columns],
        data: arrayBytes(x),
      }
      const opened = await session
      const { y } = await opened.run(opened.prepare({ a: tensor, b: tensor }), [])
      const { data } = y as TensorData
      return new Float32Array(data.buffer as ArrayBuffer, data.byteOffset, columns * columns)
    },
    async close() {
      await (await session)?.release()
    },
  }
}

const gramModel = encodeSmallModel({
  op: 'Gemm',
  attributes: { transA: 1 },
  inputs: [
    { dtype: 'float32', dims: ['rows', 'columns'] },
    { dtype: 'float32', dims: ['rows', 'columns'] },
  ],
  output: { dtype: 'float32', dims: ['columns', 'columns'] },
})
