import type { ProblemError } from '../api/problem.ts'
import type { Blob } from '../ir/tensor.ts'
import { formatProblem } from './problems.ts'
import type { WireError } from './wire.ts'

/** Files that people take for ONNX models, by what they begin with. */
const signatures: readonly (readonly [at: number, bytes: string, what: string, mend: string])[] = [
  [0, 'version https://git-lfs', 'a pointer of Git LFS', 'Fetch the model itself: git lfs pull.'],
  [4, 'TFL3', 'a TensorFlow Lite model', 'Open the ONNX model that it was made from.'],
  [4, 'ORTM', 'a model in the .ort format of ONNX Runtime', 'Open the .onnx file that it was made from.'],
  [0, 'PK\u0003\u0004', 'a ZIP archive (a PyTorch checkpoint, or a packed model)', 'Unpack it, or export the model to ONNX.'],
  [0, '\u0080\u0002', 'a Python pickle', 'Export the model to ONNX.'],
  [0, '\u0089HDF', 'an HDF5 file (Keras)', 'Export the model to ONNX.'],
  [0, '\u001f\u008b', 'a gzip archive', 'Unpack it first.'],
  [0, '<', 'a web page or XML', 'Download the model itself: the address led to a page.'],
  [0, '{', 'JSON', 'Name the .onnx file.'],
]

/** Why the bytes of a file are no ONNX model, as well as it can be told. */
export function notOnnx(blob: Blob, error: WireError, file?: string | null): ProblemError {
  const start = Buffer.from(blob.read(0, Math.min(blob.size, 64))).toString('latin1')
  const known = signatures.find(([at, bytes]) => start.startsWith(bytes, at))
  if (known !== undefined) return formatProblem('not-onnx', `This is ${known[2]}, not an ONNX model`, {}, known[3])
  const where = { offset: error.offset }
  // An ONNX file begins with its IR version: field 1, a small number.
  const begins = start.charCodeAt(0) === 8 && start.charCodeAt(1) < 64
  if (!begins) {
    const lite = '.tflite'
    const what = file?.endsWith(lite) ? 'This is neither a TensorFlow Lite model nor an ONNX model' : 'This is not an ONNX model'
    return formatProblem('not-onnx', `${what}: ${error.message}`, where, 'Name an .onnx file.')
  }
  if (error.truncated) return formatProblem('truncated-file', `The file is cut off: ${error.message}`, where, 'Copy or download it again.')
  return formatProblem('damaged-file', `The file is damaged: ${error.message}`, where, 'Copy, download or export it again.')
}
