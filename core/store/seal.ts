import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/**
 * What is kept is believed only when its hash still fits: a disk that lost power may hold a file of the right size and without its content,
 * and a result that is wrong is worse than one that is made again.
 */
export const seal = (text: string): string => `${hashOf(text)}\n${text}`

/** The text that was sealed, `null` when it is no longer what it was. */
export function unseal(sealed: string): string | null {
  const end = sealed.indexOf('\n')
  const text = sealed.slice(end + 1)
  return end > 0 && sealed.slice(0, end) === hashOf(text) ? text : null
}

/** sha256 in hexadecimal digits. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Whether a file has the content that its name promises. @param hash sha256 in hexadecimal digits */
export async function holds(path: string, hash: string): Promise<boolean> {
  const found = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 22 })) found.update(chunk as Uint8Array)
  return found.digest('hex') === hash
}
