import { describe, expect, it } from 'vitest'
import { objectionToSingleHead } from '../../../core/targets/single-head.ts'

const long = {
  ...{ sequences: 1, queries: 4096, keys: 4096, size: 8, valueSize: 64, dtype: 'float32' as const },
  ...{ masked: false, softcapped: false, bare: false },
}
const short = { ...long, queries: 64, keys: 64 }

describe('attention of one head', () => {
  it('is one operator of onnxruntime where that holds no scores and sequences are long', () => {
    expect(objectionToSingleHead('ort', long)).toBeNull()
    expect(objectionToSingleHead('ort', { ...long, masked: true })).toContain('mask')
    expect(objectionToSingleHead('ort', { ...long, size: 512 })).toContain('long sequences of few channels')
    expect(objectionToSingleHead('ort', { ...long, keys: 'keys' })).toContain('long sequences')
    expect(objectionToSingleHead('ort', { ...long, dtype: 'float16' })).toContain('float32')
    expect(objectionToSingleHead('ort', short)).toContain('long sequences')
  })

  it('is the standard operator where no single thread gets too much of it', () => {
    expect(objectionToSingleHead('onnx', short)).toBeNull()
    expect(objectionToSingleHead('onnx', { ...short, masked: true })).toBeNull()
    expect(objectionToSingleHead('onnx', { ...short, queries: 'seq', keys: 'seq' })).toBeNull()
    expect(objectionToSingleHead('onnx', { ...short, bare: true })).toContain('views')
    expect(objectionToSingleHead('onnx', long)).toContain('one thread')
    expect(objectionToSingleHead('onnx', { ...long, sequences: 'batch' })).toContain('one thread')
    expect(objectionToSingleHead('onnx', { ...long, sequences: 8 })).toBeNull()
  })
})
