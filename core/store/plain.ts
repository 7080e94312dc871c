/**
 * Plain data as JSON without loss: numbers that JSON has no form for and typed arrays are tagged. What has no such form (functions, maps,
 * class instances) is an error instead of an empty object.
 */

const tag = '$lathe'

const arrayTypes = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
} as const

type ArrayName = keyof typeof arrayTypes

/** @param sorted keys of objects in order, so that equal data gives equal text */
export function toText(value: unknown, sorted = false): string {
  return JSON.stringify(tagged(value, sorted))
}

/** What `toText` was given; properties that were `undefined` are absent. @throws SyntaxError when the text is not whole */
export function fromText(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => untagged(value))
}

function tagged(value: unknown, sorted: boolean): unknown {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { [tag]: 'number', text: numberText(value) }
  if (typeof value === 'bigint') return { [tag]: 'bigint', text: String(value) }
  if (Array.isArray(value)) return value.map((each) => tagged(each ?? null, sorted))
  if (ArrayBuffer.isView(value)) return taggedArray(value)
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError(`${describe(value)} is no plain data`)
  if (Object.hasOwn(value as object, tag)) throw new TypeError(`an object with a '${tag}' of its own cannot be told from a tagged one`)
  const entries = Object.entries(value as object).filter(([, each]) => each !== undefined)
  if (sorted) entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, tagged(each, sorted)]))
}

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

const describe = (value: unknown): string => (typeof value === 'object' ? `a ${value?.constructor?.name}` : `a ${typeof value}`)

function taggedArray(view: ArrayBufferView): unknown {
  const name = Object.keys(arrayTypes).find((each) => view instanceof arrayTypes[each as ArrayName])
  if (name === undefined) throw new TypeError(`${describe(view)} is no plain data`)
  return { [tag]: name, base64: Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64') }
}

function untagged(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(tag in value)) return value
  const { [tag]: kind, text, base64 } = value as { [tag]: string; text?: string; base64?: string }
  if (kind === 'number') return Number(text)
  if (kind === 'bigint') return BigInt(text ?? 0)
  const bytes = Uint8Array.from(Buffer.from(base64 ?? '', 'base64'))
  return new arrayTypes[kind as ArrayName](bytes.buffer)
}
