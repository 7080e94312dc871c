import { readFile, writeFile } from 'node:fs/promises'
import { openSession } from '../ort.ts'
import type { Program } from './program.ts'

const runs = 3

/**
 * How far one model raises the resident size of this process, which must be fresh. What the process takes by itself (Node, the runtime's
 * library, the feeds) was there before and is subtracted. Pages of a model file that the runtime maps count while they are resident.
 */
export const memory: Program<'memory'> = async ({ session: spec, feeds }, { progress }) => {
  await forgetPeak()
  const before = process.memoryUsage.rss()
  const session = await openSession(spec)
  const prepared = session.prepare(feeds)
  for (let run = 0; run < runs; run++) {
    await session.runOnly(prepared)
    progress(run + 1, runs)
  }
  return { peak: Math.max(0, (await peakBytes()) - before) }
}

/** Sets the peak that Linux keeps to the resident size of now. Elsewhere, and where it is forbidden, the peak is that since the start. */
async function forgetPeak(): Promise<void> {
  if (process.platform !== 'linux') return
  await writeFile('/proc/self/clear_refs', '5').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES' && error.code !== 'EPERM' && error.code !== 'ENOENT') throw error
  })
}

async function peakBytes(): Promise<number> {
  if (process.platform === 'linux') {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1]
    if (kilobytes !== undefined) return Number(kilobytes) * 1024
  }
  return process.resourceUsage().maxRSS * 1024
}
