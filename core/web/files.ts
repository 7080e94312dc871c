import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { basename, extname, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** The real path of a file below a folder; `null` when there is none, or when the path or a link in it leads out of the folder. */
async function fileBelow(folder: string, path: string): Promise<string | null> {
  const full = resolve(folder, `.${sep}${path}`)
  if (path.includes('\0') || !full.startsWith(folder + sep)) return null
  const [root, real] = await Promise.all([folder, full].map((each) => realpath(each).catch(() => null)))
  return root && real?.startsWith(root + sep) && (await stat(real)).isFile() ? real : null
}

/** Sends a file of a folder; `false` when there is none. `attachment` makes the browser save it. */
export async function sendFile(
  response: ServerResponse,
  { folder, path, attachment = false }: { readonly folder: string; readonly path: string; readonly attachment?: boolean },
): Promise<boolean> {
  const file = await fileBelow(folder, path)
  if (file === null) return false
  const name = encodeURIComponent(basename(file))
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-length': (await stat(file)).size,
    ...(attachment ? { 'content-disposition': `attachment; filename*=UTF-8''${name}` } : {}),
  })
  await pipeline(createReadStream(file), response)
  return true
}
