import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ProblemError } from '../../api/problem.ts'
import { cacheFolder } from '../../store/cache-folder.ts'
import type { Command } from '../command.ts'
import { version } from '../version.ts'

export const ui: Command = {
  grammar: {
    name: 'ui',
    summary: 'Opens the app: in a window of its own where Electron is at hand, else in a browser of this machine',
    positionals: ['[PATH...]'],
    options: [
      { name: 'web', summary: 'serve the app to a browser, which may then open PATH (models, folders), uploads and the samples' },
      { name: 'port', value: 'N', summary: 'port on 127.0.0.1; 5284 unless given, or a free one where that is taken' },
      { name: 'no-open', summary: 'only print the address' },
    ],
  },
  async run(given, session) {
    const { serveWeb } = await import('../../web/serve.ts')
    const paths = given.positionals.map(existing)
    const model = paths.find((path) => /\.(onnx|tflite)$/i.test(path) && statSync(path).isFile())
    const host = await serveWeb({
      renderer: beside('renderer'),
      samples: beside('../samples'),
      store: cacheFolder(),
      version,
      port: given.integer('port', 0) ?? 'usual',
      given: paths,
      ...(model === undefined ? {} : { model }),
    })
    // Told now and not at the end: whoever started this waits for the address.
    process.stdout.write(given.flag('json') ? `${JSON.stringify({ url: host.url })}\n` : `Lathe is at ${host.url}\n`)
    if (!given.flag('no-open')) openInBrowser(host.url)
    if (!session.signal.aborted) await once(session.signal, 'abort')
    await host.close()
    process.stderr.write('Lathe has ended.\n')
    return null
  },
}

/** @throws ProblemError when there is no such file or folder */
function existing(path: string): string {
  const full = resolve(path)
  if (statSync(full, { throwIfNoEntry: false }) !== undefined) return full
  throw new ProblemError({
    kind: 'file',
    code: 'no-such-file',
    what: `There is no file or folder '${path}'`,
    where: { file: full },
    mend: 'Correct the path.',
  })
}

/** A path beside the bundles. */
const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Where there is a display; otherwise the printed address has to do. */
function openInBrowser(url: string): void {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return
  const [command, ...args] =
    process.platform === 'darwin' ? ['open', url] : process.platform === 'win32' ? ['cmd', '/c', 'start', '', url] : ['xdg-open', url]
  const opener = spawn(command!, args, { detached: true, stdio: 'ignore' })
  // No browser to be found: the address stands on the screen.
  opener.on('error', () => process.stderr.write('No browser could be opened; open the address above.\n'))
  opener.unref()
}
