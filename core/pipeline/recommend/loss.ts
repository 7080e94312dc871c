import { byteText } from '../../api/quantity.ts'
import { readsItsWeights } from './facts.ts'
import type { Question } from './question.ts'

/** How much may be lost, from nothing upwards. */
export const losses = ['none', 'little', 'some', 'much'] as const
export type Loss = (typeof losses)[number]

/** What accuracy may cost. */
export const loss: Question = {
  id: 'loss',
  question: 'How much loss is allowed?',
  options: [
    { id: 'none', title: 'None', because: () => 'Outputs stay the same up to rounding: precision is not changed.' },
    {
      id: 'little',
      title: 'Hardly any',
      because: () => 'Sixteen bits, eight for weights alone, or a search that keeps within half a point of accuracy.',
    },
    {
      id: 'some',
      title: 'Some, as measured',
      because: () => 'Eight bits usually cost less than a point of accuracy; the run says how much, layer by layer.',
    },
    {
      id: 'much',
      title: 'What size is worth',
      because: ({ weights }) =>
        readsItsWeights(weights)
          ? `It generates token by token from ${byteText(weights.products)} of weights: reading them sets the pace, and 4 bits are an eighth of float32 to read.`
          : 'Four bits for weights: an eighth of their size, and a loss that shows.',
    },
  ],
  preferred: ({ weights }) => [readsItsWeights(weights) ? 'much' : 'some'],
}
