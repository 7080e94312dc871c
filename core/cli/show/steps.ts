import type { Progress } from '../terminal/progress.ts'

/** Hears the steps of long work and shows them. */
export function reportProgress(progress: Progress): (step: string, done: number, of: number) => void {
  return (step, done, of) => progress.at(step, done, of)
}
