import { type Place, type Problem, ProblemError } from '../api/problem.ts'
import { dtypeOfCode } from '../ir/dtype.ts'

/** What was being done when the runtime threw. */
export interface Attempt {
  readonly step: 'load' | 'run'
  readonly file: string
}

/**
 * A message of onnxruntime as a problem: the node, tensor and reason that it names, and the raw message as details.
 * Problems of our own pass through.
 */
export function runtimeFailure(thrown: unknown, { step, file }: Attempt): ProblemError {
  if (thrown instanceof ProblemError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const code = /^Unsupported data type: (\d+)$/.exec(message)?.[1]
  if (code !== undefined) return unsupportedType(dtypeOfCode(Number(code)) ?? `type ${code}`, 'an input or output', file)
  if (/File doesn't exist|^ENOENT/.test(message)) return missingFile(file, message)
  const found = readMessage(message)
  const verb = step === 'load' ? 'load the model' : 'run the model'
  return new ProblemError({
    kind: 'runtime',
    code: step === 'load' ? 'model-refused' : 'run-failed',
    what: `onnxruntime could not ${verb}: ${found.reason}`,
    where: { file, ...found.where },
    mend: mendOf(message, step),
    details: message,
  })
}

type Found = { readonly where: Place; readonly reason: string }

/** The spellings in which onnxruntime names a place, the most telling first. Groups: `node`, `op`, `tensor`, `reason`. */
const spellings: readonly RegExp[] = [
  /while running (?<op>\S+) node\. Name:'(?<node>[^']*)' Status Message: (?<reason>[\s\S]*)/,
  /Could not find an implementation for (?<op>\S+) node with name '(?<node>[^']*)'/,
  /In Node, \("(?<node>[^"]*)", (?<op>[^,]*),[\s\S]*?\) : [\s\S]*?, Error (?<reason>[\s\S]*)/,
  /Node ?\((?<node>[^)]*)\) Op \((?<op>[^)]*)\) (?<reason>[\s\S]*)/,
  /Node:(?<node>\S*) (?<reason>[\s\S]*)/,
  /(?<reason>Got invalid dimensions for input: (?<tensor>\S+) [\s\S]*)/,
  /(?<reason>Invalid rank for input: (?<tensor>\S+) [\s\S]*)/,
  /(?<reason>input '(?<tensor>[^']*)' is missing[\s\S]*)/,
  /(?<reason>Type Error: Type (?:parameter|'[^']*') [\s\S]*?node \((?<node>[^)]*)\)[\s\S]*)/,
]

function readMessage(message: string): Found {
  for (const spelling of spellings) {
    const groups = spelling.exec(message)?.groups
    if (groups === undefined) continue
    const { node, op, tensor, reason } = groups
    const where = { ...(node ? { node } : op ? { node: `an unnamed ${op}` } : {}), ...(tensor ? { tensor } : {}) }
    const named = op ? `${op}: ` : ''
    return { where, reason: `${named}${firstLine(reason ?? 'no kernel for it on this provider')}` }
  }
  return { where: {}, reason: firstLine(message) }
}

/** Without what the runtime puts before it (its own source position, the file again); the raw message stands in the details. */
function firstLine(text: string): string {
  const bare = text.replace(/^(Load model from .*? failed:\s*)+/, '').replace(/^\/\S+:\d+ .*?\)(?: \[[^\]]*\])? /, '')
  const joined = /:$|indices$/.test(bare.split('\n')[0] as string) ? bare.replace(/\s*\n\s*/g, ' ') : (bare.split('\n')[0] as string)
  const line = joined.trim().replace(/\.$/, '')
  return line.length > 300 ? `${line.slice(0, 300)}...` : line
}

function mendOf(message: string, step: Attempt['step']): string {
  if (/Could not find an implementation|NOT_IMPLEMENTED|not implemented/i.test(message))
    return 'Choose another provider or data type for this operator, or another target.'
  if (/is not a registered function\/op/.test(message))
    return 'The operator belongs to a custom library, which onnxruntime here does not have.'
  if (/invalid dimensions|Invalid rank|is missing|data type/i.test(message)) return 'Feed the model what its inputs ask for.'
  if (/alloc|memory/i.test(message)) return 'Free memory, use a smaller batch, or fewer values at a time.'
  return step === 'load'
    ? 'The model does not follow the rules of its operators there; the details hold the message of the runtime.'
    : 'Check the inputs against what the node expects; the details hold the message of the runtime.'
}

const missingFile = (file: string, details: string): ProblemError =>
  new ProblemError({
    kind: 'file',
    code: 'missing-file',
    what: 'There is no such model file',
    where: { file },
    mend: 'Check the path; a temporary version may have been cleaned away.',
    details,
  })

/** What a border is called that is no tensor at all. */
export const notATensor = 'sequence or map'

/** A tensor type that has no way through the Node binding of onnxruntime. */
export const unsupportedType = (dtype: string, tensor: string, file?: string): ProblemError =>
  new ProblemError({
    kind: 'unsupported',
    code: 'runtime-tensor-type',
    what: `onnxruntime for Node cannot pass ${dtype} tensors in or out`,
    where: { tensor, ...(file === undefined ? {} : { file }) },
    mend:
      dtype === notATensor
        ? 'Give out a tensor instead: what SequenceAt, ConcatFromSequence or OptionalGetElement makes of it.'
        : 'Put a Cast or DequantizeLinear between the tensor and the border of the model.',
  })

export const inputProblem = (problem: Omit<Problem, 'kind'>): ProblemError => new ProblemError({ kind: 'input', ...problem })
