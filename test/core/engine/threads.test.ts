import { cpus } from 'node:os'
import { expect, it } from 'vitest'
import { ProblemError } from '../../../core/api/problem.ts'
import { chosenThreads, defaultThreads } from '../../../core/engine/threads.ts'

it('are what is asked for, up to four for each logical core', () => {
  const most = 4 * cpus().length
  expect([chosenThreads(), chosenThreads(1), chosenThreads(most)]).toEqual([defaultThreads(), 1, most])
  expect(() => chosenThreads(most + 1)).toThrow(ProblemError)
  expect(() => chosenThreads(100_000)).toThrow(`Ask for at most ${most}`)
})
