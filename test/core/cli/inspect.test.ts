import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { inspectionSchema } from '../../../core/api/inspection.ts'
import { commandLine, documentOf, sample } from '../../support/run-cli.ts'

const { lathe } = commandLine()

it('inspect tells what a BERT is made of, without running it', async () => {
  const path = sample('text-bert', 'model.onnx')
  const ended = await lathe('inspect', path, '--json')
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' })
  const { model, ops, structure, layers } = inspectionSchema.parse(documentOf(ended))
  expect(model).toMatchObject({ path, bytes: readFileSync(path).length, nodes: 260, nodesDeep: 260, opsets: { 'ai.onnx': 17 } })
  expect(model.inputs).toContainEqual({ name: 'input_ids', dtype: 'int64', shape: ['batch', 'sequence'] })
  expect(ops).toMatchObject({ MatMul: 32, LayerNormalization: 9, Softmax: 4 })
  expect(structure.attention).toHaveLength(4)
  for (const attention of structure.attention) expect(attention).toMatchObject({ heads: 4, kvHeads: 4, headSize: 32 })
  expect(layers.flatMap(({ nodes }) => nodes)).toHaveLength(model.nodes)
})

it('inspect tells the same to people', async () => {
  const { status, stdout } = await lathe('inspect', sample('digits-cnn', 'model.onnx'))
  expect(status).toBe(0)
  expect(stdout).toMatch(/^size +1\.77 MB, 3\d\d,\d\d\d parameters$/m)
  expect(stdout).toMatch(/^inputs +input float32\[batch, 1, 32, 32\]$/m)
  expect(stdout).toMatch(/^ +Expand 30, .*Conv 15/m)
})

it('inspect calls products by what they are for, and tells each reason for caution once', async () => {
  const { stdout } = await lathe('inspect', sample('text-bert', 'model.onnx'))
  expect(stdout).toMatch(/layer\.0\.attention\.self\.query +query projection +2\n/)
  expect(stdout).toMatch(/layer\.0\.output\.dense +feed-forward down +2\n/)
  expect(stdout.match(/they are one unit\./g)).toHaveLength(1)
  expect(stdout).toMatch(/they are one unit\.\n {4}\S+\.layer\.0\.attention\.self\.query\n {4}\S+\.layer\.1\.attention\.self\.query\n/)
})
