import { shorten } from './table.ts'

/** Where progress goes: standard error, or anything that behaves like it. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Tells how far long work has come: a bar that redraws itself on a terminal, a line now and then elsewhere. */
export interface Progress {
  /** Work under a label; `of` 0 when its end is not known. */
  at(label: string, done: number, of: number): void
  /** A lasting line above the bar. */
  line(text: string): void
  /** Takes the bar away. */
  stop(): void
}

const redrawEveryMs = 80
const plainEveryMs = 5000
const barWidth = 24

export function progressOn(stream: ProgressStream, now: () => number = Date.now): Progress {
  return stream.isTTY ? barOn(stream, now) : linesOn(stream, now)
}

function barOn(stream: ProgressStream, now: () => number): Progress {
  let drawn = false
  let last = Number.NEGATIVE_INFINITY
  const clear = () => {
    if (drawn) stream.write('\r\u001b[2K')
    drawn = false
  }
  return {
    at(label, done, of) {
      if (now() - last < redrawEveryMs) return
      last = now()
      clear()
      stream.write(shorten(`${bar(done, of)}  ${label}`, Math.max(20, (stream.columns ?? 80) - 1)))
      drawn = true
    },
    line(text) {
      clear()
      stream.write(`${text}\n`)
      last = Number.NEGATIVE_INFINITY
    },
    stop: clear,
  }
}

function linesOn(stream: ProgressStream, now: () => number): Progress {
  let last = now()
  return {
    at(label, done, of) {
      if (now() - last < plainEveryMs) return
      last = now()
      stream.write(`${label} ${of > 0 ? `${Math.floor((100 * done) / of)} %` : done}\n`)
    },
    line(text) {
      last = now()
      stream.write(`${text}\n`)
    },
    stop() {
      last = now()
    },
  }
}

function bar(done: number, of: number): string {
  if (of <= 0) return `${'░'.repeat(barWidth)}      `
  const share = Math.min(1, done / of)
  const full = Math.round(share * barWidth)
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${String(Math.floor(share * 100)).padStart(3)} %`
}
