import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import { workshop } from '../../support/pass-context.ts'
import { sharedFolder } from '../../support/real-models.ts'

const { run } = await workshop()

/** The most nodes that clean-up and fuse may leave of a model, by whichever exporter. */
const bars: Readonly<Record<string, number>> = { text_bert: 52, digits_vit: 60, text_gpt2: 60, text_llama: 65 }
const cases = Object.entries(bars).flatMap(([name, most]) => ['model.onnx', 'model.dynamo.onnx'].map((file) => ({ name, file, most })))

describe.skipIf(!existsSync(join(sharedFolder, 'models')))('clean-up and fuse', () => {
  it.each(cases)('leave at most $most nodes of $name/$file', async ({ name, file, most }) => {
    const cleaned = (await run(cleanUp, openModel(join(sharedFolder, 'models', name, file)))).parts[0] as Model
    const fused = (await run(fuse, cleaned)).parts[0] as Model
    expect(fused.graph.nodeCount).toBeLessThanOrEqual(most)
  })
})
