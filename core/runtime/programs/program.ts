import type { ProgramName, Programs } from '../messages.ts'
import type { SessionCache } from '../session-cache.ts'

/** What the process gives to every program. */
export interface Tools {
  /** Sessions that outlive the call. */
  readonly sessions: SessionCache
  progress(done: number, of: number): void
}

/** A function of the runtime process; what it throws becomes a problem for the caller. */
export type Program<Name extends ProgramName> = (request: Programs[Name]['request'], tools: Tools) => Promise<Programs[Name]['result']>
