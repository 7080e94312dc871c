import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lineageSchema } from '../../../core/api/lineage.ts'
import { lineageDocument } from '../../../core/diff/lineage-document.ts'
import type { Model } from '../../../core/ir/model.ts'
import { referencesOf } from '../../../core/ir/reference.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { catalogue } from '../../../core/passes/catalogue.ts'
import { workshop } from '../../support/pass-context.ts'
import { sharedFolder, sharedModels } from '../../support/real-models.ts'
import { sample } from '../../support/run-cli.ts'

const { run } = await workshop()
const samples = ['digits-cnn', 'text-bert'].map((name) => ({ name: `samples/${name}`, path: sample(name, 'model.onnx') }))
const real = sharedModels('models', 'real-models').map((file) => ({ name: file, path: join(sharedFolder, file) }))

async function steps(source: Model, ...passes: readonly string[]) {
  let model = source
  const made: { stage: string; model: Model }[] = []
  for (const id of passes) {
    const pass = catalogue.find((candidate) => candidate.id === id)!
    model = (await run(pass, model)).parts[0]!.freeze()
    made.push({ stage: `stage-${id}`, model })
  }
  return made
}

describe('lineage.json', () => {
  it.skipIf(real.length > 0)('on models of others: ../shared is absent', () => undefined)

  for (const { name, path } of [...samples, ...real]) {
    it(`accounts for every node of both graphs: ${name}`, async () => {
      const source = openModel(path).freeze()
      const made = await steps(source, 'clean-up', 'fuse', ...(source.opset >= 11 ? ['quantize-dynamic'] : []))
      const document = lineageDocument({ lathe: 'test', baseline: source, hashes: { baseline: 'a', candidate: 'b' }, steps: made })
      expect(lineageSchema.parse(document)).toEqual(document)
      const [before, after] = [source, made.at(-1)!.model].map((model) => [...referencesOf(model).values()].sort())
      expect(document.nodes.map(({ ref }) => ref).sort()).toEqual(after)
      const told = new Set([...document.nodes.flatMap(({ from }) => from), ...document.removed.map(({ ref }) => ref)])
      expect([...told].sort()).toEqual(before)
      for (const { ref, why, by } of document.removed) {
        expect(why, ref).toMatch(/\w{3}/)
        expect(by.length, ref).toBeGreaterThan(0)
      }
      for (const { kind, by, ref } of document.nodes) if (kind !== 'kept') expect(by.length, `${kind} ${ref}`).toBeGreaterThan(0)
    })
  }
})
