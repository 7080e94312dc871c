import type { Program } from './program.ts'

/** Runs a model once. */
export const execute: Program<'execute'> = async ({ session, feeds, wanted }, { sessions }) => {
  const opened = await sessions.get(session)
  return opened.run(opened.prepare(feeds), wanted)
}
