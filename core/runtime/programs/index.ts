import type { ProgramName } from '../messages.ts'
import { createSessionCache } from '../session-cache.ts'
import { execute } from './execute.ts'
import { info } from './info.ts'
import { lite } from './lite.ts'
import { memory } from './memory.ts'
import { observe } from './observe.ts'
import { optimize } from './optimize.ts'
import { profile } from './profile.ts'
import type { Program, Tools } from './program.ts'
import { time } from './time.ts'

const programs: { readonly [Name in ProgramName]: Program<Name> } = { info, execute, observe, time, profile, optimize, lite, memory }

/** Passes execute many small models and the same large ones again and again. */
const sessions = createSessionCache({ count: 4, bytes: 2 ** 30 })

/** Runs a program by its name; the engine's end of the wire has typed the request. */
export function runProgram(name: ProgramName, request: unknown, progress: Tools['progress']): Promise<unknown> {
  const program = programs[name] as Program<ProgramName>
  return program(request as never, { sessions, progress })
}
