import { z } from 'zod'
import { onePart, type Pass } from '../pass.ts'
import { drive } from '../rewrite/drive.ts'
import { branches, convolution } from '../rules/convolution/index.ts'
import { dropDeadCode } from '../rules/tidy/drop-dead-code.ts'
import { inferShapes } from '../shapes/infer.ts'

const options = z.strictObject({})

export const reparameterize: Pass<z.infer<typeof options>> = {
  id: 'reparameterize',
  version: 4,
  title: 'Reparameterize',
  summary: 'Merges the parallel branches of training-time blocks (RepVGG and its kind) into the one convolution that they amount to.',
  family: 'fuse',
  fidelity: 'rounding',
  options,
  async run(model, _, { signal }) {
    const shapes = inferShapes(model)
    const settings = { infer: shapes.node, tick: () => signal.throwIfAborted() }
    const { changed } = drive(model, [...convolution, ...branches, dropDeadCode], settings)
    return onePart(model, changed)
  },
}
