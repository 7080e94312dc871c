/**
 * As much of the protobuf wire format as it takes to write a few small messages and to find a field. Two encoded messages put one after the other merge
 * into one, repeated fields appended: this is how outputs are added to a model that stays as it is.
 */

const text = new TextEncoder()

/** A length-delimited field: a string, bytes, or a message given by its fields. */
export function lengthField(field: number, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const content = concat(parts.map((part) => (typeof part === 'string' ? text.encode(part) : part)))
  return concat([varint(field * 8 + 2), varint(content.length), content])
}

/** An integer field; the value is not negative. */
export const integerField = (field: number, value: number): Uint8Array => concat([varint(field * 8), varint(value)])

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Uint8Array.from([...bytes, rest])
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The contents of a message's length-delimited fields of a number, in order; what is no such message has none. */
export function contentsOf(message: Uint8Array, field: number): Uint8Array[] {
  const found: Uint8Array[] = []
  let at = 0
  const number = (): number => {
    let value = 0
    for (let factor = 1; at < message.length; factor *= 128) {
      const byte = message[at++] as number
      value += (byte % 128) * factor
      if (byte < 128) break
    }
    return value
  }
  while (at < message.length) {
    const tag = number()
    const kind = tag % 8
    if (kind === 0) number()
    else if (kind === 1) at += 8
    else if (kind === 5) at += 4
    else if (kind === 2) {
      const length = number()
      if (Math.floor(tag / 8) === field) found.push(message.subarray(at, at + length))
      at += length
    } else return found
  }
  return found
}
