import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Who may come in: this machine, by the address the host printed, with its token. */
export interface Door {
  readonly port: number
  readonly token: string
}

export const cookieName = ({ port }: Door) => `lathe-${port}`

/** Where a request goes; `null` for a target that is no address. */
export function addressOf({ url = '/' }: Pick<IncomingMessage, 'url'>): { readonly path: string; readonly query: URLSearchParams } | null {
  try {
    const { pathname, searchParams } = new URL(`http://host${url}`)
    return { path: decodeURIComponent(pathname), query: searchParams }
  } catch {
    return null
  }
}

/** Host, Origin and what the browser says of the caller are checked against DNS rebinding and pages of other sites and ports. */
export function isOurAddress({ port }: Door, { headers }: IncomingMessage): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (headers.host === undefined || !hosts.includes(headers.host)) return false
  // A page on another port of this machine shares our cookies; the browser tells that it is not ours. To follow a link is no harm.
  const foreign = headers['sec-fetch-site'] === 'same-site' || headers['sec-fetch-site'] === 'cross-site'
  if (foreign && headers['sec-fetch-mode'] !== 'navigate') return false
  return headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`)
}

export function hasToken(door: Door, request: IncomingMessage): boolean {
  const given = addressOf(request)?.query.get('token') ?? tokenInCookie(door, request)
  const [a, b] = [Buffer.from(given), Buffer.from(door.token)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** What the printed address left behind. */
function tokenInCookie(door: Door, { headers }: IncomingMessage): string {
  const cookies = (headers.cookie ?? '').split(/; */).map((pair) => pair.split('='))
  return cookies.find(([name]) => name === cookieName(door))?.[1] ?? ''
}
