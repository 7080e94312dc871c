import { expect, it } from 'vitest'
import { untriedText } from '../../../core/api/sensitivity.ts'
import { sensitivity } from '../../support/report.ts'

it('says why figures are missing, and nothing of those that mean nothing', () => {
  const [full, short] = sensitivity.rows
  expect(untriedText({ rows: [full!, short!] })).toContain('for 1 of the 2 layers')
  expect(untriedText({ rows: [short!, short!] })).toContain('for any layer')
  expect(untriedText({ rows: [full!] })).toBeNull()
  // A recurrent operator has no weights alone; a lone unit has no others.
  const recurrent = { ...full!, kind: 'recurrent', weightsAlone: null, activationsAlone: null } as const
  expect(untriedText({ rows: [recurrent, full!] })).toBeNull()
  expect(untriedText({ rows: [{ ...full!, allOthers: null }] })).toBeNull()
})
