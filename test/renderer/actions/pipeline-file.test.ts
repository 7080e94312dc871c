import { expect, it } from 'vitest'
import { type Problem, ProblemError } from '../../../core/api/problem.ts'
import { documentIn, problemOfFile } from '../../../renderer/actions/pipeline-file.ts'

it('reads the document of a pipeline file', () => {
  expect(documentIn('a.json', '{"lathe": 1}')).toEqual({ lathe: 1 })
})

it('says of malformed JSON which file it is, what is wrong and where', () => {
  const problem = thrown(() => documentIn('my.json', '{\n  "lathe": 1,\n  "name" 2\n}'))
  expect(problem).toMatchObject({ kind: 'input', where: { file: 'my.json' } })
  expect(problem.what).toMatch(/^my\.json is no JSON: .*line 3, column 10$/)
})

it('adds the file to a problem that has none', () => {
  const problem: Problem = { kind: 'input', code: 'x', what: 'w', where: { path: 'stages' }, mend: 'm' }
  expect(problemOfFile('my.json', new ProblemError(problem)).where).toEqual({ file: 'my.json', path: 'stages' })
})

function thrown(call: () => unknown): Problem {
  try {
    call()
  } catch (error) {
    return (error as ProblemError).problem
  }
  throw new Error('nothing was thrown')
}
