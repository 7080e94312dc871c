import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Model } from '../core/ir/model.ts'
import { openModel } from '../core/onnx/read.ts'
import { writeModel } from '../core/onnx/write.ts'
import { RandomWeights } from './big-models/random-weights.ts'
import { resnet50 } from './big-models/resnet.ts'
import { type Scaling, scaleModel } from './big-models/scale.ts'
import { bertBase, llama1b } from './big-models/transformers.ts'

const makers: Readonly<Record<string, (weights: RandomWeights) => Model>> = {
  'bert-base': (weights) => scaled(join('samples', 'text-bert', 'model.onnx'), bertBase, weights),
  'resnet-50': resnet50,
  'llama-1b': (weights) => scaled(join('..', 'shared', 'models', 'text_llama', 'model.onnx'), llama1b, weights),
}

const usage = `npm run make-big-model -- ${Object.keys(makers).join('|')} FILE.onnx [--seed N]`

/** Writes a model of a well-known size with random weights, to measure reading, rewriting and running on. Weights are made while they are written. */
export async function main(typed: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...typed],
    options: { seed: { type: 'string', default: '1' } },
    allowPositionals: true,
  })
  const [kind, file] = positionals
  const make = makers[kind ?? '']
  if (!make || !file) throw new Error(`usage: ${usage}`)
  const started = performance.now()
  const { data, bytes } = await writeModel(make(new RandomWeights(Number(values.seed))), file)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${file}${data === null ? '' : ` and ${data}`}: ${(bytes / 1e6).toFixed(0)} MB in ${seconds} s\n`)
}

function scaled(template: string, scaling: Scaling, weights: RandomWeights): Model {
  if (!existsSync(template)) throw new Error(`${template} is not there: this model grows out of it`)
  return scaleModel(openModel(template), scaling, weights)
}
