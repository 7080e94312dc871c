import { z } from 'zod'
import { onePart, type Pass } from '../pass.ts'
import { drive } from '../rewrite/drive.ts'
import { expand } from '../rules/expand/index.ts'
import { geluToTanh } from '../rules/lift/gelu-to-tanh.ts'
import { lifts } from '../rules/lift/index.ts'
import { dropDeadCode } from '../rules/tidy/drop-dead-code.ts'
import { inferShapes } from '../shapes/infer.ts'
import { lowerings } from '../targets/lowerings.ts'

const options = z.strictObject({})

export const approximateGelu: Pass<z.infer<typeof options>> = {
  id: 'approximate-gelu',
  version: 1,
  title: 'Approximate GELU',
  summary:
    'Replaces the error function in GELU by its tanh approximation, for targets that are faster with it. Measure both: some are not.',
  family: 'fuse',
  fidelity: 'lossy',
  options,
  async run(model, _, { target, signal }) {
    const settings = { infer: inferShapes(model).node, tick: () => signal.throwIfAborted() }
    const fork = model.fork()
    // Spellings are lifted only where the approximation replaces them: what stays, stays as it was.
    const found = drive(fork, [...lifts.gelu, geluToTanh], { infer: inferShapes(fork).node }).counts.get(geluToTanh.id) ?? 0
    if (found === 0) return onePart(model, false)
    drive(model, [...lifts.gelu, geluToTanh], settings)
    drive(model, [...lowerings[target].filter(({ id }) => id === 'lower-activation'), ...expand, dropDeadCode], settings)
    model.opsets.delete('lathe')
    return onePart(model, true)
  },
}
