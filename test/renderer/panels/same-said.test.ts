import { expect, it } from 'vitest'
import { sameSaid } from '../../../renderer/panels/inspector/same-said.ts'

it('says once what is the same but for the names of nodes', () => {
  const miss = (rule: string, reason: string, at: string) => ({ rule, reason, at })
  const said = sameSaid([
    miss('views', "the result of Add 'Add_1' is also read by 'Add_2'", 'a'),
    miss('views', "the result of Add 'Add_7' is also read by 'Add_9'", 'b'),
    miss('views', 'the view does more', 'c'),
    miss('norm', 'the view does more', 'd'),
  ])
  expect(said.map(({ said: { at }, times }) => [at, times])).toEqual([
    ['a', 2],
    ['c', 1],
    ['d', 1],
  ])
})
