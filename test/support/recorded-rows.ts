import { existsSync, readFileSync } from 'node:fs'

/** The figures that were recorded with the Python tools on the shared models. */
export const recordedFile = '../shared/peers/baselines.md'
export const hasRecorded: boolean = existsSync(recordedFile)

/** A quantized file of another tool on the evaluation samples of a model. */
export interface RecordedRow {
  readonly label: string
  readonly bytes: number
  readonly accuracy: number
  readonly crossEntropy: number
  readonly sqnr: number
}

/** How fast another tool's file was beside float32, at two threads and one, in one interleaved run on its machine. */
export interface RecordedSpeed {
  readonly batch: number
  readonly label: string
  readonly twoThreads: number
  readonly oneThread: number
}

const cellsOf = (line: string): string[] => line.split('|').map((cell) => cell.trim())

const text = (): string => readFileSync(recordedFile, 'utf8')

export function recordedRows(model: string): RecordedRow[] {
  const section =
    text()
      .split(/^### /m)
      .find((part) => part.startsWith(`${model}\n`)) ?? ''
  return section.split('\n').flatMap((line): RecordedRow[] => {
    const [, label = '', bytes, , accuracy, crossEntropy, decibels] = cellsOf(line)
    if (!/^\d+$/.test(bytes ?? '')) return []
    return [
      { label, bytes: Number(bytes), accuracy: Number(accuracy), crossEntropy: Number(crossEntropy), sqnr: Number(decibels) || Number.NaN },
    ]
  })
}

export function recordedSpeeds(model: string): RecordedSpeed[] {
  return text()
    .split('\n')
    .flatMap((line): RecordedSpeed[] => {
      const [, name = '', label = '', , twoThreads, , oneThread] = cellsOf(line)
      const batch = /^(\w+) \((\d+)\)$/.exec(name)
      if (batch?.[1] !== model) return []
      return [{ batch: Number(batch[2]), label, twoThreads: Number(twoThreads), oneThread: Number(oneThread) }]
    })
}
