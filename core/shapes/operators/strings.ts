import { type Family, tensor } from '../operator.ts'
import { broadcastInputs } from './elementwise.ts'

export const strings: Family = {
  StringConcat: { infer: (call) => [tensor('string', broadcastInputs(call))] },
  StringSplit: { infer: (call) => [tensor('string', call.shape(0) && [...(call.shape(0) ?? []), null]), tensor('int64', call.shape(0))] },
  RegexFullMatch: { infer: (call) => [tensor('bool', call.shape(0))] },
}
