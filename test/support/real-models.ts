import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Model } from '../../core/ir/model.ts'
import { int64Tensor, tensorFrom } from '../../core/ir/numbers.ts'
import { countOf, type Tensor } from '../../core/ir/tensor.ts'
import type { Value } from '../../core/ir/value.ts'
import type { Feeds } from '../../core/runtime/session.ts'
import { feedsFor, symbolSizes } from './run-model.ts'
import { normals, seeded } from './seeds.ts'

/** Models that lie beside the repository; see `../shared/models/README.md`. Tests skip visibly where they are absent. */
export const sharedFolder = join(import.meta.dirname, '../../../shared')

/** Paths, relative to the shared folder, of all models in some of its folders. */
export function sharedModels(...folders: readonly string[]): readonly string[] {
  return folders
    .filter((folder) => existsSync(join(sharedFolder, folder)))
    .flatMap((folder) => readdirSync(join(sharedFolder, folder), { recursive: true }).map((file) => join(folder, String(file))))
    .filter((file) => file.endsWith('.onnx'))
    .sort()
}

interface Recipe {
  readonly sizes?: Readonly<Record<string, number>>
  readonly make?: (input: Value, dims: readonly number[]) => Tensor | null
}

/** What single models ask of their inputs beyond type and shape. */
const recipes: readonly (readonly [RegExp, Recipe])[] = [
  [/text_llama\/model.past/, { sizes: { batch: 2, sequence: 3, past_sequence: 5, total_sequence: 8 }, make: onesMask }],
  [/text_/, { make: onesMask }],
  [/PP-OCR/, { sizes: { 'p2o.DynamicDimension.0': 1, 'p2o.DynamicDimension.1': 64, 'p2o.DynamicDimension.2': 96 } }],
  [/model_micro/, { sizes: { batch: 1, samples: 16000 } }],
  [/silero/, { make: speech }],
  [/squeezenet/, { sizes: { None: 1 } }],
  [/standard_v3_3/, { make: bytes }],
]

const recipeOf = (file: string): Recipe => recipes.find(([name]) => name.test(file))?.[1] ?? {}

/** Sizes for all symbols of a model's inputs: co-prime ones, except where the model wants certain ones. */
export function sizesOf(file: string, model: Model): ReadonlyMap<string, number> {
  return new Map([...symbolSizes(model, 1), ...Object.entries(recipeOf(file).sizes ?? {})])
}

/** Seeded feeds that a model of the shared folder accepts. */
export function feedsOfShared(file: string, model: Model): Feeds {
  const { make } = recipeOf(file)
  return feedsFor(model, { sizes: sizesOf(file, model), ...(make === undefined ? {} : { make }) })
}

/** Masks of ones, and ids that stay inside of the vocabulary. */
function onesMask(input: Value, dims: readonly number[]): Tensor | null {
  if (!input.name.includes('mask')) return null
  return tensorFrom('int64', dims, new Array<number>(countOf(dims)).fill(1))
}

/** Half a second's part of sound at 16 kHz, and a fresh state. */
function speech(input: Value, dims: readonly number[]): Tensor | null {
  if (input.name === 'sr') return int64Tensor([16000], dims)
  if (input.name === 'state') return tensorFrom('float32', [2, 1, 128], new Array<number>(256).fill(0))
  const next = normals(seeded(3))
  return tensorFrom('float32', [1, 512], Array.from({ length: 512 }, next))
}

/**
 * Bytes of all kinds. Of two different bytes only, a normalization in this model takes the difference of two all but equal numbers: the model as
 * exported is then 1.1e-3 away from itself in float64, with the bytes of files at most 3e-6.
 */
function bytes(_input: Value, dims: readonly number[]): Tensor {
  const next = seeded(5)
  return tensorFrom(
    'int32',
    dims,
    Array.from({ length: countOf(dims) }, () => Math.floor(next() * 256)),
  )
}
