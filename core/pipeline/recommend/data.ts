import { quantity } from '../../api/quantity.ts'
import { type Chosen, type Facts, isConvolutional } from './facts.ts'
import type { Question } from './question.ts'

/** Whether what fits best takes ranges of activations from samples. */
function gainsFromData({ weights, data }: Facts, { target, loss }: Chosen): boolean {
  if (loss === 'little') return target === 'ort' && (data?.evaluation ?? 0) > 0
  if (target === 'tensorrt' || target === 'tflite') return true
  return target === 'ort' && isConvolutional(weights)
}

function against({ data }: Facts): string | null {
  if (data === null) return 'There is no data: a dataset.json with calibration samples would change that.'
  return data.calibration === 0 ? 'The dataset has no calibration samples.' : null
}

/** What ranges of activations go by. */
export const data: Question = {
  id: 'data',
  question: 'Does it need data?',
  options: [
    {
      id: 'calibration',
      title: 'Yes, calibration samples',
      because: (facts, chosen) => {
        const count = quantity(facts.data?.calibration ?? 0, 'calibration sample')
        if (!gainsFromData(facts, chosen)) return `${count} could fix the ranges of activations ahead.`
        return chosen.loss === 'little'
          ? `${count} show what each layer loses, and ${facts.data?.evaluation ?? 0} others verify it.`
          : `Ranges of activations have to be known ahead here, and there are ${count}.`
      },
      against,
    },
    {
      id: 'none',
      title: 'No',
      because: (facts, chosen) =>
        gainsFromData(facts, chosen)
          ? (against(facts) ?? 'Without samples ranges of activations stay open.')
          : 'What fits best here works without.',
    },
  ],
  preferred: (facts, chosen) => (gainsFromData(facts, chosen) ? ['calibration', 'none'] : ['none']),
  arises: ({ quantization }) => quantization === 'yes',
}
