import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../core/api/problem.ts'
import { memoryBlob } from '../../core/ir/tensor.ts'
import { verifyModel } from '../../core/ir/verify.ts'
import { allValues } from '../../core/ir/walk.ts'
import { decode } from '../../core/onnx/decode.ts'
import { encodeBytes } from '../../core/onnx/encode.ts'
import { openModel } from '../../core/onnx/read.ts'
import { modelSchema } from '../../core/onnx/schema.ts'
import type { Span } from '../../core/onnx/wire.ts'
import { encodeModel } from '../../core/onnx/write-graph.ts'
import { seeded } from '../support/seeds.ts'

/** Sound messages with unsound content: names swapped, lists cut, dims absurd, bytes missing. */
const tests = '../shared/onnx-node-tests'
const small = existsSync(tests)
  ? readdirSync(tests)
      .filter((name) => /^test_(if|loop|scan|sequence|optional|quantize|cast|constant|conv|gru|slice)/.test(name))
      .filter((_, index) => index % 8 === 0)
      .map((name) => join(tests, name, 'model.onnx'))
      .filter((path) => existsSync(path))
  : []
const models = ['samples/digits-cnn/model.onnx', ...small]
const millisecondsPerModel = 300
const numbers = [0, 1, 2, -1, 3, 5, 9, 11, 14, 99, 2 ** 31, 2 ** 40, 2 ** 52]

type Loose = Record<string, unknown>

/** Every message in a message, and every text. */
function collect(value: unknown, messages: Loose[], texts: string[]): void {
  if (typeof value === 'string') texts.push(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || 'blob' in value) return
  if (!Array.isArray(value)) messages.push(value as Loose)
  for (const inner of Object.values(value)) collect(inner, messages, texts)
}

function mutate(message: Loose, texts: readonly string[], random: () => number): void {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const key = pick(Object.keys(message))
  const value = message[key]
  if (typeof value === 'number') message[key] = pick(numbers)
  else if (typeof value === 'string') message[key] = pick(texts)
  else if (Array.isArray(value)) message[key] = mutatedList(value, pick, random)
  else if (typeof value === 'object' && value !== null && 'blob' in value) {
    const span = value as Span
    message[key] = { ...span, to: span.from + Math.floor(random() * (span.to - span.from)) }
  } else if (random() < 0.5) delete message[key]
}

function mutatedList(list: readonly unknown[], pick: <T>(from: readonly T[]) => T, random: () => number): unknown[] {
  const way = random()
  const at = Math.floor(random() * list.length)
  if (list.length === 0) return []
  if (way < 0.3) return [...list, pick(list)]
  if (way < 0.6) return list.toSpliced(at, 1)
  if (way < 0.8) return list.toReversed()
  return typeof list[at] === 'number' ? list.toSpliced(at, 1, pick(numbers)) : [...list]
}

function openOrRefuse(bytes: Uint8Array): void {
  try {
    const model = openModel(memoryBlob(bytes))
    expect(verifyModel(model)).toEqual([])
    expect(verifyModel(model.fork())).toEqual([])
    for (const { initializer } of allValues(model.graph)) initializer?.read()
    expect(encodeModel(model, () => null).length).toBeGreaterThan(0)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    expect(error.problem.kind).not.toBe('internal')
    expect(error.problem.mend).not.toBe('')
  }
}

describe('a model whose structure was mutated opens sound or is refused with a problem', () => {
  models.forEach((path, index) => {
    const seed = 104729 * (index + 1)
    it(`${path}, seed ${seed}`, () => {
      const blob = memoryBlob(readFileSync(path))
      const random = seeded(seed)
      const end = performance.now() + millisecondsPerModel
      for (let round = 0; round < 200 && performance.now() < end; round++) {
        const proto = decode(modelSchema, blob)
        const messages: Loose[] = []
        const texts: string[] = ['', 'x']
        collect(proto, messages, texts)
        const changes = 1 + Math.floor(random() * 4)
        for (let change = 0; change < changes; change++) mutate(messages[Math.floor(random() * messages.length)] as Loose, texts, random)
        try {
          openOrRefuse(encodeBytes(modelSchema, proto))
        } catch (error) {
          throw new Error(`round ${round}: ${error instanceof Error ? error.stack : error}`)
        }
      }
    })
  })
})
