import { expect, it } from 'vitest'
import { copiedText, pastedStages } from '../../../renderer/pipeline-view/clipboard.ts'
import { branchFrom, wired } from '../../../renderer/stores/pipeline-edit.ts'

const stage = (id: string, options = {}) => ({ id, pass: id, options })
const chain = wired({ lathe: 1, name: 'test', target: 'ort', stages: [stage('tidy'), stage('int8', { perChannel: true })] })
const ids = (text: string) => pastedStages(text)?.map(({ id }) => id) ?? null

it('carries a card with its options', () => {
  expect(pastedStages(copiedText(chain, 'int8')!)).toEqual([stage('int8', { perChannel: true })])
  expect(copiedText(chain, 'gone')).toBeNull()
})

it('carries the whole pipeline of the source card; of branches the longest way', () => {
  const branched = branchFrom(chain, stage('fp16'), 'source')
  expect(ids(copiedText(branched, 'source')!)).toEqual(['tidy', 'int8'])
})

it('lets other texts be', () => {
  expect(ids('plain words')).toBeNull()
  expect(ids('[1, 2]')).toBeNull()
  expect(ids('{"stages": []}')).toBeNull()
  expect(ids('{"lathe": "a machine"}')).toBeNull()
})

it('says what is wrong with a text that is meant for it', () => {
  expect(() => ids('{"lathe": 1, "stages": [{"id": "-", "pass": 3}]}')).toThrow(/holds no stages.*stages\.0\./)
  expect(() => ids('{"lathe": 1, "stages": []}')).toThrow(/holds no stages/)
  expect(() => ids('{"lathe": 2, "stages": [{}]}')).toThrow(/version 2.*reads version 1/)
})
