import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, extname, join, resolve, sep } from 'node:path'
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

/** A path below a folder, or `null` when it would lead out of it. */
export function below(folder: string, path: string): string | null {
  const full = resolve(folder, `.${sep}${path}`)
  return full.startsWith(folder + sep) ? full : null
}

/** Sends a file of a folder; `false` when there is none. `attachment` makes the browser save it. */
export async function sendFile(
  response: ServerResponse,
  { folder, path, attachment = false }: { readonly folder: string; readonly path: string; readonly attachment?: boolean },
): Promise<boolean> {
  const file = below(folder, path)
  const found = file === null ? null : await stat(file).catch(() => null)
  if (file === null || !found?.isFile()) return false
  const name = encodeURIComponent(basename(file))
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-length': found.size,
    ...(attachment ? { 'content-disposition': `attachment; filename*=UTF-8''${name}` } : {}),
  })
  await pipeline(createReadStream(file), response)
  return true
}

/** Takes in one uploaded file. Files that belong together (a data set, external weights) name the same upload. */
export async function receiveUpload(
  request: IncomingMessage,
  { folder, name, upload }: { readonly folder: string; readonly name: string; readonly upload: string | null },
): Promise<{ readonly upload: string; readonly path: string }> {
  const id = upload !== null && /^[0-9a-f-]{36}$/.test(upload) ? upload : randomUUID()
  const path = join(folder, id, basename(name.replaceAll('\\', '/')))
  await mkdir(join(folder, id), { recursive: true })
  try {
    await pipeline(request, createWriteStream(path))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { upload: id, path }
}
