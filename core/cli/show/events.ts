import { sentenceOf } from '../../api/problem.ts'
import type { RunEvent } from '../../api/run-event.ts'
import type { Progress } from '../terminal/progress.ts'
import type { Style } from '../terminal/style.ts'
import { stageLine } from './stages.ts'

/** Tells the events of a run as progress and lasting lines. */
export function followRun(progress: Progress, style: Style): (event: RunEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'progress':
        progress.at(event.stage === null ? event.step : `${event.stage}: ${event.step}`, event.done, event.of)
        return
      case 'stage-started':
        progress.at(event.stage, 0, 0)
        return
      case 'stage-finished':
        progress.line(stageLine(event.report, style))
        return
      case 'note':
        progress.line(style.faint(event.text))
        return
      case 'failed':
        // A problem that ends the run is thrown as well, and told then; one of a stage is told only here.
        if (event.stage !== null) progress.line(style.bad(`✗ ${event.stage}: ${sentenceOf(event.problem)}`))
        return
      case 'started':
      case 'candidate':
      case 'finished':
        return
    }
  }
}
