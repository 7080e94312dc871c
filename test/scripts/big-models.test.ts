import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openModel } from '../../core/onnx/read.ts'
import { writeModel } from '../../core/onnx/write.ts'
import { RandomWeights } from '../../scripts/big-models/random-weights.ts'
import { resnet50 } from '../../scripts/big-models/resnet.ts'
import { scaleModel } from '../../scripts/big-models/scale.ts'
import { bertBase } from '../../scripts/big-models/transformers.ts'

const sample = join(import.meta.dirname, '..', '..', 'samples', 'text-bert', 'model.onnx')
const seed = 7
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-big-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('random weights', () => {
  const tensor = new RandomWeights(seed).tensor('w', [300, 1000], { mean: 1, std: 0.02 })
  const values = new Float32Array(tensor.read().slice().buffer)

  it(`have the mean and the deviation that were asked for (seed ${seed})`, () => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(mean).toBeCloseTo(1, 3)
    expect(Math.sqrt(variance)).toBeCloseTo(0.02, 4)
  })

  it('are the same in whatever ranges they are read', () => {
    const bytes = tensor.read()
    for (const [from, to] of [
      [0, 4],
      [3, 17],
      [399_998, 400_003],
    ] as const)
      expect(Buffer.from(tensor.read(from, to))).toEqual(Buffer.from(bytes.subarray(from, to)))
  })

  it('differ by seed and by name', () => {
    const others = [
      new RandomWeights(seed + 1).tensor('w', [4], { mean: 0, std: 1 }),
      new RandomWeights(seed).tensor('v', [4], { mean: 0, std: 1 }),
    ]
    const own = new RandomWeights(seed).tensor('w', [4], { mean: 0, std: 1 })
    for (const other of others) expect(Buffer.from(other.read())).not.toEqual(Buffer.from(own.read()))
  })
})

describe('a grown transformer', () => {
  // The sizes of the sample, six layers instead of four: small enough for every test run.
  const grown = () =>
    scaleModel(
      openModel(sample),
      { ...bertBase, layers: 6, sizes: new Map(), integers: new Map(), floats: new Map(), replaced: new Map() },
      new RandomWeights(seed),
    )

  it('has every node of the added layers, and the same bytes each time', async () => {
    const [first, second] = [join(folder, 'first.onnx'), join(folder, 'second.onnx')]
    await writeModel(grown(), first)
    await writeModel(grown(), second)
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true)
    const names = openModel(first).graph.nodes.map(({ name }) => name)
    const inLayer = (layer: number) => names.filter((name) => name.includes(`/layer.${layer}/`)).length
    expect(inLayer(5)).toBe(inLayer(3))
    expect(inLayer(6)).toBe(0)
  })

  it('runs, and every layer matters to its output', async () => {
    const path = join(folder, 'runs.onnx')
    await writeModel(grown(), path)
    const { logits } = await run(
      path,
      Object.fromEntries(['input_ids', 'attention_mask', 'token_type_ids'].map((name) => [name, ids(name === 'input_ids' ? 5 : 1)])),
    )
    expect(logits!.dims).toEqual([1, 77])
    expect((logits!.data as Float32Array).every(Number.isFinite)).toBe(true)
    const reached = new Set<string>()
    const model = openModel(path)
    const queue = [...model.graph.outputs]
    for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
      const { producer } = value
      if (producer === null || reached.has(producer.id)) continue
      reached.add(producer.id)
      queue.push(...producer.inputs.filter((input) => input !== null))
    }
    expect(reached.size).toBe(model.graph.nodeCount)
  })
})

it('a random ResNet-50 has 25.6 million weights, and its activations neither vanish nor overflow', async () => {
  const path = join(folder, 'resnet.onnx')
  const { bytes } = await writeModel(resnet50(new RandomWeights(seed)), path)
  expect(bytes / 4e6).toBeCloseTo(25.6, 1)
  const image = new Tensor(
    'float32',
    Float32Array.from({ length: 3 * 224 * 224 }, (_, at) => Math.sin(at)),
    [1, 3, 224, 224],
  )
  const { logits } = await run(path, { input: image })
  const largest = (logits!.data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  expect(largest).toBeGreaterThan(1e-3)
  expect(largest).toBeLessThan(1e6)
})

function ids(value: number): Tensor {
  return new Tensor('int64', new BigInt64Array(8).fill(BigInt(value)), [1, 8])
}

async function run(path: string, feeds: Record<string, Tensor>) {
  const session = await InferenceSession.create(path)
  try {
    return await session.run(feeds)
  } finally {
    await session.release()
  }
}
