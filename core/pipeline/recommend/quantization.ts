import { byteText } from '../../api/quantity.ts'
import type { Facts } from './facts.ts'
import type { Question } from './question.ts'

/** Why the weights cannot go to lower precision; `null` where they can. */
function against({ weights }: Facts, loss: string | undefined): string | null {
  if (weights.quantized) return 'It is quantized already.'
  if (weights.total === 0) return 'It has no float weights of matrix products, convolutions or look-up tables.'
  return loss === 'none' ? 'Lower precision moves outputs by more than rounding, and no loss is allowed.' : null
}

function where({ weights }: Facts): string {
  const parts = [
    [weights.convolutions, 'in convolutions'],
    [weights.products, 'in matrix products'],
    [weights.lookups, 'in look-up tables'],
  ] as const
  const places = parts.flatMap(([bytes, place]) => (bytes > 0 ? [`${byteText(bytes)} ${place}`] : []))
  return `Its weights are floats: ${places.join(', ')}.`
}

/** Whether precision is changed at all. */
export const quantization: Question = {
  id: 'quantization',
  question: 'Can it be quantized?',
  options: [
    { id: 'yes', title: 'Yes', because: where, against: (facts, { loss }) => against(facts, loss) },
    { id: 'no', title: 'No', because: (facts, { loss }) => against(facts, loss) ?? 'Weights and arithmetic stay as they are.' },
  ],
  preferred: () => ['yes', 'no'],
}
