import { suggestion } from '../api/nearest.ts'
import { problemOf, sentenceOf } from '../api/problem.ts'
import type { Engine } from '../engine.ts'
import { cacheFolder } from '../store/cache-folder.ts'
import { type Arguments, helpOf, parse } from './arguments.ts'
import type { Command, Session } from './command.ts'
import { commands } from './commands/catalogue.ts'
import { withHeartbeat } from './terminal/heartbeat.ts'
import { progressOn } from './terminal/progress.ts'
import { styleFor } from './terminal/style.ts'
import { usageError } from './usage.ts'
import { version } from './version.ts'

/**
 * The command line. Standard output holds the answer and nothing else; progress and problems go to standard error.
 * @param typed what stands after `lathe`
 * @returns the exit status: 0 done, 1 it could not be done, 2 wrong usage
 */
export async function main(typed: readonly string[]): Promise<number> {
  const json = typed.includes('--json')
  process.stdout.on('error', endWithReader)
  try {
    return await obey(typed, json)
  } catch (error) {
    return tell(error, json)
  }
}

async function obey(typed: readonly string[], json: boolean): Promise<number> {
  // Whoever writes a script puts it first.
  const [name, ...rest] = typed[0] === '--json' ? [...typed.slice(1), '--json'] : typed
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return print(overview())
  if (name === '--version' || name === 'version') return print(json ? JSON.stringify({ version }) : version)
  const command = commands.find(({ grammar }) => grammar.name === name)
  if (!command) {
    const names = commands.map(({ grammar }) => grammar.name)
    throw usageError('unknown-command', `There is no command "${name}"`, suggestion(name, names))
  }
  const given = parse(command.grammar, rest)
  return given.flag('help') ? print(helpOf(command.grammar)) : await carryOut(command, given, json)
}

async function carryOut(command: Command, given: Arguments, json: boolean): Promise<number> {
  const interrupt = new AbortController()
  const stop = () => interrupt.abort()
  // Once: a second Ctrl-C ends a process that does not come to its end.
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop)
  const composed: { engine?: Promise<Engine> } = {}
  const session: Session = {
    engine: () => (composed.engine ??= composeEngine()),
    progress: withHeartbeat(progressOn(process.stderr)),
    style: styleFor(process.stdout),
    errorStyle: styleFor(process.stderr),
    signal: interrupt.signal,
  }
  try {
    const outcome = await command.run(given, session)
    session.progress.stop()
    if (outcome === null) return 0
    const { document, text, failed } = outcome
    print(json ? JSON.stringify(document, null, 2) : text())
    return failed ? 1 : 0
  } finally {
    session.progress.stop()
    process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', stop)
    await (await composed.engine)?.close()
  }
}

/** Loaded only when a command needs it, so that `--help` and wrong usage answer at once. */
async function composeEngine(): Promise<Engine> {
  const [{ createEngine }, { runtimeSpawner }] = await Promise.all([import('../engine.ts'), import('./spawn-runtime.ts')])
  return createEngine({ store: cacheFolder(), spawnRuntime: runtimeSpawner(), version })
}

/** `lathe passes | head`: whoever read us has seen enough. A full disk is told where it can still be read. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`error: The answer cannot be written: ${error.message}. Make room, or write it elsewhere.\n`)
  process.exit(1)
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

/** With `--json` a problem is a document too. */
function tell(error: unknown, json: boolean): number {
  const problem = problemOf(error)
  if (json) print(JSON.stringify({ problem }, null, 2))
  const style = styleFor(process.stderr)
  const details = problem.kind === 'internal' && problem.details ? `\n${style.faint(problem.details)}` : ''
  process.stderr.write(`${style.bad(problem.kind === 'cancelled' ? 'stopped' : 'error')}: ${sentenceOf(problem)}${details}\n`)
  return problem.kind === 'usage' ? 2 : 1
}

function overview(): string {
  const widest = Math.max(...commands.map(({ grammar }) => grammar.name.length))
  const lines = commands.map(({ grammar }) => `  ${grammar.name.padEnd(widest)}  ${grammar.summary}`)
  return [
    `Lathe ${version}: makes ONNX models smaller and faster, and shows what that costs.`,
    '',
    'lathe COMMAND [options]',
    '',
    ...lines,
    '',
    'lathe COMMAND --help explains a command.',
  ].join('\n')
}
