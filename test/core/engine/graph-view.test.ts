import { describe, expect, it } from 'vitest'
import { graphViewSchema, nodeDetailSchema } from '../../../core/api/graph-view.ts'
import { chain, problemFrom, testEngine } from '../../support/engine.ts'
import { modelFile } from '../../support/model-file.ts'
import { sample } from '../../support/run-cli.ts'

const engine = await testEngine()
const { model: bert } = await engine.open({ path: sample('text-bert', 'model.onnx') })

describe('the view of a graph', () => {
  it('groups nodes by the modules that the exporter wrote down, and marks repeated ones', async () => {
    const view = await engine.graphView({ model: bert })
    expect(graphViewSchema.parse(view)).toEqual(view)
    const layers = view.groups.filter(({ name }) => /layer\.\d$/.test(name))
    expect(layers.map(({ name }) => name.split('.').slice(-2).join('.'))).toEqual(['layer.0', 'layer.1', 'layer.2', 'layer.3'])
    expect(new Set(layers.slice(1).map(({ shape }) => shape)).size).toBe(1)
    const ids = new Set(view.groups.map(({ id }) => id))
    for (const { parent } of view.groups) expect(parent === null || ids.has(parent)).toBe(true)
    for (const { path } of view.nodes) for (const id of path) expect(ids.has(id)).toBe(true)
    const query = view.nodes.find(({ name }) => name.endsWith('layer.2/attention/self/query/MatMul'))!
    expect(query).toMatchObject({ detail: '128x128', role: 'query projection', weightBytes: 65536 })
    expect(query.path.at(-1)).toMatch(/query$/)
  })

  it('groups what repeats where no module is written down, and leaves a small graph as it is', async () => {
    const block = (n: number) => `  a${n} = MatMul(x${n}, float32[8, 8])
  b${n} = Add(a${n}, float32[8])
  c${n} = Tanh(b${n})
  d${n} = MatMul(c${n}, float32[8, 8])
  e${n} = Sigmoid(d${n})
  x${n + 1} = Mul(e${n}, c${n})`
    const viewOf = async (count: number) => {
      const blocks = Array.from({ length: count }, (_, n) => block(n)).join('\n')
      const path = await modelFile(engine.folder, `(x0: float32[2, 8]) -> (y)\n${blocks}\n  y = Softmax(x${count})`)
      return engine.graphView({ model: path })
    }
    const { groups, nodes } = await viewOf(8)
    expect(groups.map(({ id, name, parent }) => [id, name, parent])).toEqual(
      Array.from({ length: 8 }, (_, n) => [`block.${n}`, `block.${n}`, null]),
    )
    expect(new Set(groups.map(({ shape }) => shape)).size).toBe(1)
    expect(nodes.filter(({ path }) => path[0] === 'block.3')).toHaveLength(6)
    expect(nodes.at(-1)!.path).toEqual([])
    expect((await viewOf(4)).groups).toEqual([])
  })

  it('knows the type of every value that it names', async () => {
    const { nodes, values, inputs } = await engine.graphView({ model: bert })
    const named = nodes.flatMap(({ inputs: read, outputs }) => [...read, ...outputs]).filter((name) => name !== '')
    for (const name of named) expect(values[name], name).toBeDefined()
    expect(inputs[0]).toMatchObject({ name: 'input_ids', type: 'int64[batch, sequence]' })
  })

  it('tells types that the file leaves out, as they follow from the inputs', async () => {
    const { values, nodes } = await engine.graphView({ model: bert })
    const query = nodes.find(({ name }) => name.endsWith('layer.2/attention/self/query/MatMul'))!
    expect(values[query.outputs[0]!]).toEqual({ type: 'float32[batch, sequence, 128]', constant: false })
    const detail = await engine.nodeDetail({ model: bert, node: query.id })
    expect(detail.outputs[0]!.type).toBe('float32[batch, sequence, 128]')
  })

  it('shows a finished stage while later ones still run', async () => {
    const seen: string[] = []
    const onEvent = (event: { type: string; stage?: string | null }) => {
      if (event.type !== 'stage-finished' || event.stage !== 'tidy') return
      void engine.graphView({ model: bert, run: 'live', stage: 'tidy' }).then(({ version }) => seen.push(version))
    }
    const request = { model: bert, pipeline: chain(['tidy', 'clean-up'], ['int8', 'quantize-dynamic']), measure: false }
    await engine.run(request, { run: 'live', onEvent })
    expect(seen).toEqual(['tidy'])
  })

  it('keeps what rules made in the group that it came from', async () => {
    await engine.run({ model: bert, pipeline: chain(['tidy', 'clean-up'], ['int8', 'quantize-dynamic']), measure: false }, { run: 'r' })
    const view = await engine.graphView({ model: bert, run: 'r', stage: 'int8' })
    expect(view.version).toBe('int8')
    const made = view.nodes.filter(({ id, opType }) => id.startsWith('+') && opType === 'MatMulInteger')
    expect(made.length).toBeGreaterThan(20)
    for (const { path } of made) expect(path.length).toBeGreaterThan(0)
  })

  it('goes into subgraphs', async () => {
    const path = await modelFile(
      engine.folder,
      `(x: float32[2], c: bool[]) -> (y: float32[2])
  k = If(c) {then_branch: { () -> (a) a = Add(x, float32 1.0) }, else_branch: { () -> (b) b = Neg(x) }}
  y = Relu(k)`,
    )
    const view = await engine.graphView({ model: path })
    const [holder] = view.nodes
    expect(holder!.subgraphs).toHaveLength(2)
    // What only the subgraphs read flows into the node that holds them.
    expect(holder!.inputs).toEqual(['c', 'x'])
    const inner = await engine.graphView({ model: path, graph: holder!.subgraphs[1]! })
    expect(inner.nodes.map(({ opType }) => opType)).toEqual(['Neg'])
    expect(inner.values.x).toEqual({ type: 'float32[2]', constant: false })
    expect(await problemFrom(engine.graphView({ model: path, graph: 'none/7' }))).toMatchObject({ code: 'unknown-graph' })
  })

  it('is quick for a graph of ten thousand nodes', async () => {
    const lines = Array.from({ length: 10_000 }, (_, at) => `  v${at + 1} = Relu(v${at})`)
    const path = await modelFile(engine.folder, `(v0: float32[2]) -> (v10000: float32[2])\n${lines.join('\n')}`)
    const started = process.cpuUsage()
    const view = await engine.graphView({ model: path })
    expect(view.nodes).toHaveLength(10_000)
    // Processor time, which a busy machine stretches less; it takes under a second, anything quadratic far more.
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(8)
  })
})

describe('the detail of a node', () => {
  it('shows attributes, weights with their spread, and what happened to it', async () => {
    const { nodes } = await engine.graphView({ model: bert })
    const dense = nodes.find(({ name }) => name.endsWith('pooler/dense/Gemm'))!
    const detail = await engine.nodeDetail({ model: bert, node: dense.id })
    expect(nodeDetailSchema.parse(detail)).toEqual(detail)
    expect(detail.attributes).toContainEqual({ name: 'transB', type: 'int', value: '1' })
    const weight = detail.weights.find(({ type }) => type === 'float32[128, 128]')!
    expect(weight.histogram.reduce((sum, count) => sum + count, 0)).toBe(128 * 128)
    expect(weight.min).toBeLessThan(weight.mean)
    expect(weight.max).toBeGreaterThan(weight.mean + 2 * weight.std)
    expect(detail.history).toEqual([])
    expect(await problemFrom(engine.nodeDetail({ model: bert, node: 'none' }))).toMatchObject({ code: 'unknown-node' })
  })
})
