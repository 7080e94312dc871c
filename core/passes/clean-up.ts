import { z } from 'zod'
import type { Model } from '../ir/model.ts'
import { onePart, type Pass, type PassContext } from '../pass.ts'
import { type Driven, drive } from '../rewrite/drive.ts'
import type { Step } from '../rewrite/rule.ts'
import { tidy } from '../rules/tidy/index.ts'
import { inferShapes } from '../shapes/infer.ts'
import { completeShapes } from './complete-shapes.ts'
import { foldConstants } from './fold-constants.ts'

const options = z.strictObject({
  arithmetic: z
    .boolean()
    .default(true)
    .meta({ title: 'Merge arithmetic with constants', description: 'Such as x * 2 * 3 to x * 6; it moves the last digits of results.' }),
  shapes: z.boolean().default(true).meta({
    title: 'Complete shapes by running',
    description:
      'Where no rule tells the size of a value, what leads to it is run with three co-prime sizes, and a fourth that has to agree. Sizes that data decide stay unknown.',
  }),
  fold: z.boolean().default(true).meta({
    title: 'Compute constants ahead',
    description: 'What depends on constants alone is computed once and stored, unless that makes the file larger.',
  }),
})

type Options = z.infer<typeof options>

export const cleanUp: Pass<Options> = {
  id: 'clean-up',
  version: 12,
  title: 'Clean up',
  summary: 'Removes what computes nothing: dead code, no-ops, cancelling pairs, shape arithmetic, constant parts, repeated work.',
  family: 'tidy',
  fidelity: 'rounding',
  options,
  async run(model, given, context) {
    const { notes: told } = given.shapes ? await completeShapes(model, context) : { notes: [] }
    const { changed } = tidyUp(model, given, context)
    if (!given.fold) return onePart(model, changed, told)
    const { count, notes } = await foldConstants(model, context)
    if (count > 0) tidyUp(model, given, context)
    return onePart(model, changed || count > 0, [...told, ...notes])
  },
}

const stepsFor = ({ arithmetic }: Options): readonly Step[] => (arithmetic ? tidy : tidy.filter(({ fidelity }) => fidelity === 'exact'))

function tidyUp(model: Model, given: Options, context: PassContext | null): Driven {
  const shapes = inferShapes(model)
  return drive(model, stepsFor(given), { infer: shapes.node, tick: () => context?.signal.throwIfAborted() })
}
