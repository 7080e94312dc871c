import type { Engine } from '../engine.ts'
import type { Arguments, Grammar, Option } from './arguments.ts'
import type { Progress } from './terminal/progress.ts'
import type { Style } from './terminal/style.ts'

/** What a command works with. */
export interface Session {
  /** The engine, composed when first asked for. */
  engine(): Promise<Engine>
  readonly progress: Progress
  /** Colours of standard output. */
  readonly style: Style
  /** Colours of standard error. */
  readonly errorStyle: Style
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** What a command found: the document of `--json`, and the same for people, made when it is asked for. */
export interface Outcome {
  readonly document: unknown
  readonly text: () => string
  /** True when the document tells of something that could not be done: exit status 1. */
  readonly failed?: boolean
}

export interface Command {
  readonly grammar: Grammar
  /** `null` when the command has told everything itself, while it went on. */
  run(given: Arguments, session: Session): Promise<Outcome | null>
}

/** Options that several commands share. */
export const shared = {
  data: { name: 'data', value: 'MANIFEST', summary: 'dataset.json with evaluation (and calibration) samples' },
  skipBroken: { name: 'skip-broken', summary: 'leave samples out that cannot be used, and count them' },
  target: { name: 'target', value: 'TARGET', summary: 'what the file is for: onnx, ort, tensorrt or tflite' },
  threads: { name: 'threads', value: 'N', summary: 'intra-op threads of the runtime' },
  provider: { name: 'provider', value: 'P', summary: 'execution provider of the runtime (cpu)' },
  rounds: { name: 'runs', value: 'N', summary: 'timed rounds of each version' },
  allow: {
    name: 'allow-external',
    value: 'PATH',
    many: true,
    summary: "a file outside the model's folder from which its weights may be read; may be repeated",
  },
} as const satisfies Readonly<Record<string, Option>>

/** The path of a model, or the handle of the opened one where files outside its folder are allowed. */
export async function modelOf(path: string, given: Arguments, session: Session): Promise<string> {
  const confirm = given.texts('allow-external')
  if (confirm.length === 0) return path
  const engine = await session.engine()
  return (await engine.open({ path, confirm: [...confirm] })).model
}

/** Options of the runtime, as requests want them. */
export function runtimeChoice(given: Arguments): { threads?: number; provider?: string } {
  const threads = given.integer('threads')
  const provider = given.text('provider')
  return { ...(threads === undefined ? {} : { threads }), ...(provider === undefined ? {} : { provider }) }
}
