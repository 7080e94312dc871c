import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../core/api/problem.ts'
import { referencesOf } from '../../core/ir/reference.ts'
import { memoryBlob } from '../../core/ir/tensor.ts'
import { verifyModel } from '../../core/ir/verify.ts'
import { allValues } from '../../core/ir/walk.ts'
import { openModel } from '../../core/onnx/read.ts'
import { encodeModel } from '../../core/onnx/write-graph.ts'
import { seeded } from '../support/seeds.ts'

/** Time for one set of models; each seed stands in a test's name, so that a failure can be run again alone. */
const millisecondsPerModel = 400

const shared = '../shared'
const found = (folder: string, limit: number): string[] =>
  existsSync(folder)
    ? (readdirSync(folder, { recursive: true }) as string[])
        .filter((name) => name.endsWith('.onnx'))
        .sort()
        .filter((_, index, all) => index % Math.ceil(all.length / limit) === 0)
        .map((name) => join(folder, name))
    : []

const models = [
  ...found('samples', 2),
  ...found(`${shared}/models`, 4),
  ...found(`${shared}/fusion-cases`, 12),
  ...found(`${shared}/onnx-node-tests`, 20),
]

type Mutation = (bytes: Buffer, random: () => number) => Buffer

const position = (bytes: Buffer, random: () => number) => Math.floor(random() * bytes.length)

/** Structure stands between the weights: half of the changes go to the first and last kilobytes, where it is. */
function structural(bytes: Buffer, random: () => number): number {
  const edge = Math.min(bytes.length, 4096)
  const at = Math.floor(random() * edge)
  return random() < 0.5 ? position(bytes, random) : random() < 0.5 ? at : bytes.length - edge + at
}

const mutations: Readonly<Record<string, Mutation>> = {
  flip(bytes, random) {
    const at = structural(bytes, random)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    return bytes
  },
  set(bytes, random) {
    bytes[structural(bytes, random)] = [0, 1, 0x7f, 0x80, 0xff][Math.floor(random() * 5)] as number
    return bytes
  },
  cut: (bytes, random) => bytes.subarray(0, position(bytes, random)),
  remove(bytes, random) {
    const at = structural(bytes, random)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(random() * 8))])
  },
  insert(bytes, random) {
    const at = structural(bytes, random)
    const extra = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 8) }, () => Math.floor(random() * 256)))
    return Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(at)])
  },
  repeat(bytes, random) {
    const at = structural(bytes, random)
    const part = bytes.subarray(at, at + 1 + Math.floor(random() * 200))
    return Buffer.concat([bytes.subarray(0, at), part, part, bytes.subarray(at)])
  },
  length(bytes, random) {
    // A varint that claims a huge length or dimension.
    const at = structural(bytes, random)
    bytes.set(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]).subarray(0, Math.min(5, bytes.length - at)), at)
    return bytes
  },
}

/** Opens what a mutation made: a problem that says what to do, or a sound model whose every byte can be reached. */
function openOrRefuse(bytes: Uint8Array): 'opened' | 'refused' {
  try {
    const model = openModel(memoryBlob(bytes))
    referencesOf(model)
    expect(verifyModel(model.fork()).filter(({ code }) => code !== 'tensor-length')).toEqual([])
    for (const { initializer } of allValues(model.graph)) if ((initializer?.ref.length ?? 0) < 1e6) readOrRefuse(() => initializer?.read())
    const encoded = encodeModel(model, () => null)
    expect(encoded.length).toBeLessThan(bytes.byteLength * 4 + 10_000)
    return 'opened'
  } catch (error) {
    return refusal(error)
  }
}

function readOrRefuse(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    refusal(error)
  }
}

function refusal(error: unknown): 'refused' {
  if (!(error instanceof ProblemError)) throw error
  expect(error.problem.what).not.toBe('')
  expect(error.problem.mend).not.toBe('')
  expect(error.problem.kind).not.toBe('internal')
  return 'refused'
}

describe('a mutated model opens or is refused with a problem, and nothing else happens', () => {
  models.forEach((path, index) => {
    const seed = 7919 * (index + 1)
    it(`${path}, seed ${seed}`, () => {
      const whole = readFileSync(path)
      const random = seeded(seed)
      const kinds = Object.keys(mutations)
      const outcomes = { opened: 0, refused: 0 }
      const end = performance.now() + millisecondsPerModel
      for (let round = 0; performance.now() < end && round < 400; round++) {
        let bytes: Buffer = Buffer.from(whole)
        const applied: string[] = []
        for (let change = 0; change <= Math.floor(random() * 3); change++) {
          const kind = kinds[Math.floor(random() * kinds.length)] as string
          applied.push(kind)
          if (bytes.length > 0) bytes = (mutations[kind] as Mutation)(bytes, random)
        }
        const start = performance.now()
        try {
          outcomes[openOrRefuse(bytes)] += 1
        } catch (error) {
          throw new Error(`round ${round} (${applied.join(', ')}): ${error instanceof Error ? error.stack : error}`)
        }
        expect(performance.now() - start, `round ${round} (${applied.join(', ')}) hangs`).toBeLessThan(5000)
      }
      expect(outcomes.refused + outcomes.opened).toBeGreaterThan(0)
    })
  })

  it('the harness sees a bug: an error that is no problem fails the test', () => {
    expect(() => refusal(new RangeError('Maximum call stack size exceeded'))).toThrow(RangeError)
  })
})
