import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { compileFunction } from 'node:vm'
import type { DType } from '../ir/dtype.ts'
import { arrayBytes } from '../ir/numbers.ts'
import type { TensorData } from '../observe/reducer.ts'

/** A `.tflite` file loaded in Google's runtime. Borders are float32, int32 or uint8: the JavaScript binding passes nothing else. */
export interface LiteRtSession {
  readonly inputs: readonly LiteRtBorder[]
  readonly outputs: readonly LiteRtBorder[]
  /** Tensors by name, as in the file's signature. */
  run(feeds: Readonly<Record<string, TensorData>>): Promise<Readonly<Record<string, TensorData>>>
  close(): void
}

export interface LiteRtBorder {
  readonly name: string
  readonly dtype: DType
  readonly dims: readonly number[]
}

type Core = typeof import('@litertjs/core')
type Arrays = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

let loading: Promise<Core> | null = null

/** Opens a `.tflite` file's bytes. Throws with the runtime's message when it refuses the file. */
export async function openLiteRt(bytes: Uint8Array): Promise<LiteRtSession> {
  loading ??= loadCore()
  const core = await loading
  const model = await core.loadAndCompile(bytes.slice(), { accelerator: 'wasm' })
  const inputs = model.getInputDetails().map(borderOf)
  const outputs = model.getOutputDetails().map(borderOf)
  return {
    inputs,
    outputs,
    async run(feeds) {
      const tensors = inputs.map((input) => new core.Tensor(arrayOf(input, feeds[input.name]), [...input.dims]))
      const results = await model.run(tensors)
      const found = outputs.map((output, index) => [output.name, dataOf(output, results[index] as InstanceType<Core['Tensor']>)] as const)
      for (const tensor of [...tensors, ...results]) tensor.delete()
      return Object.fromEntries(found)
    },
    close: () => model.delete(),
  }
}

/**
 * The package is written for browsers: it loads its WebAssembly through a script tag and `self`. Here its loader script is run as the
 * CommonJS module that it also is, and the binary is handed over, so that no global `require` and no fetch is needed.
 */
async function loadCore(): Promise<Core> {
  const require = createRequire(import.meta.url)
  const folder = join(dirname(require.resolve('@litertjs/core')), '..', 'wasm')
  const scope = globalThis as {
    self?: unknown
    navigator?: unknown
    importScripts?: (url: string) => void
    Module?: unknown
    ModuleFactory?: unknown
  }
  scope.self ??= globalThis
  const settings: { wasmBinary?: Uint8Array; print: () => undefined; printErr: () => undefined } = { print: quiet, printErr: quiet }
  scope.importScripts = (script) => {
    // The package has a binary for each script, and takes the script that this version of Node can run.
    settings.wasmBinary = readFileSync(script.replace(/\.js$/, '.wasm'))
    const load = compileFunction(`${readFileSync(script, 'utf8')}\nreturn ModuleFactory`, ['require', '__filename', '__dirname'], {
      filename: script,
    })
    scope.ModuleFactory = load(createRequire(script), script, dirname(script))
  }
  scope.Module = settings
  const core = await import('@litertjs/core')
  await core.loadLiteRt(`${folder}/`)
  return core
}

/** The runtime narrates its start; failures come as exceptions. */
const quiet = (): undefined => undefined

function borderOf(detail: { name: string; dtype: string; shape: Int32Array | readonly number[] }): LiteRtBorder {
  return { name: detail.name, dtype: detail.dtype as DType, dims: [...detail.shape] }
}

function arrayOf(border: LiteRtBorder, feed: TensorData | undefined): Arrays {
  if (feed === undefined) throw new Error(`input '${border.name}' was not fed`)
  if (feed.dtype !== border.dtype) throw new Error(`input '${border.name}' takes ${border.dtype}, not ${feed.dtype}`)
  const bytes = Uint8Array.from(feed.data)
  if (border.dtype === 'float32') return new Float32Array(bytes.buffer) as Float32Array<ArrayBuffer>
  return border.dtype === 'int32' ? (new Int32Array(bytes.buffer) as Int32Array<ArrayBuffer>) : bytes
}

function dataOf(border: LiteRtBorder, tensor: InstanceType<Core['Tensor']>): TensorData {
  const array = tensor.toTypedArray()
  const data = arrayBytes(array).slice()
  return { dtype: border.dtype, dims: [...tensor.type.layout.dimensions], data }
}
