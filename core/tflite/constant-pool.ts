import type { TfliteQuantization, TfliteTensor } from './file.ts'

/** What must agree, beside the bytes, for two constants to be one. */
type Form = Pick<TfliteTensor, 'dtype' | 'shape'> & { readonly quantization?: TfliteQuantization | null }

interface Kept {
  readonly data: Uint8Array
  readonly tensor: number
}

/** Bytes that are looked at before all are compared. */
const samples = 64

/** The constants of a file by what they hold, so that what appears often (tied weights, the matrix of every step of a recurrent layer) is stored once. */
export class ConstantPool {
  readonly #kept = new Map<string, Kept[]>()

  /** The tensor that holds these bytes in this form; `make` adds it when there is none. */
  tensorOf(data: Uint8Array, form: Form, make: () => number): number {
    const key = `${form.dtype} ${form.shape} ${JSON.stringify(form.quantization ?? null)} ${sampled(data)}`
    const alike = this.#kept.get(key) ?? []
    const found = alike.find((each) => Buffer.compare(each.data, data) === 0)
    if (found !== undefined) return found.tensor
    const tensor = make()
    this.#kept.set(key, [...alike, { data, tensor }])
    return tensor
  }
}

/** The length and bytes at even distances: enough to tell most constants apart without reading them whole. */
function sampled(data: Uint8Array): string {
  const step = Math.max(1, Math.floor(data.byteLength / samples))
  let key = String(data.byteLength)
  for (let at = step - 1; at < data.byteLength; at += step) key += ` ${data[at]}`
  return key
}
