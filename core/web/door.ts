import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Who may come in: this machine, by the address the host printed, with its token. */
export interface Door {
  readonly port: number
  readonly token: string
}

export const cookieName = ({ port }: Door) => `lathe-${port}`

/** Host and Origin are checked against DNS rebinding and pages of other sites. */
export function isOurAddress({ port }: Door, { headers }: IncomingMessage): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (headers.host === undefined || !hosts.includes(headers.host)) return false
  return headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`)
}

export function hasToken(door: Door, request: IncomingMessage): boolean {
  const given = tokenOf(door, request)
  const [a, b] = [Buffer.from(given), Buffer.from(door.token)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** From the printed address, or from the cookie that it left. */
function tokenOf(door: Door, { headers, url }: IncomingMessage): string {
  const inAddress = new URL(url ?? '/', 'http://host').searchParams.get('token')
  if (inAddress !== null) return inAddress
  const cookies = (headers.cookie ?? '').split(/; */).map((pair) => pair.split('='))
  return cookies.find(([name]) => name === cookieName(door))?.[1] ?? ''
}
