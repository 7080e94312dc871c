import type { Bench } from '../api/bench.ts'
import { ProblemError } from '../api/problem.ts'
import type { BenchRequest } from '../api/requests.ts'
import type { Control } from './interface.ts'
import type { Workshop } from './workshop.ts'

export async function benchFiles(_workshop: Workshop, _request: BenchRequest, _control: Control): Promise<Bench> {
  throw new ProblemError({ kind: 'unsupported', code: 'x', what: 'x', where: {}, mend: 'x' })
}
