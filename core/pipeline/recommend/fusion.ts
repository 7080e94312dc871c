import type { Stage } from '../../api/pipeline.ts'
import { quantity } from '../../api/quantity.ts'
import type { Facts } from './facts.ts'
import type { Option, Question } from './question.ts'

function joins(nodes: number | null, of: number): string {
  if (nodes === 0) return 'Nothing here can be joined as it is; what clean-up lays bare would be.'
  return nodes === null
    ? 'Operators are joined into the ones that the target has fast kernels for, before precision is changed.'
    : `${nodes} of ${quantity(of, 'node')} go, or become operators that the target has fast kernels for, before precision is changed.`
}

/** Known to make no difference. */
const alike = (nodes: number | null, other: number | null): boolean => nodes !== null && nodes === other

interface Form extends Pick<Option, 'id' | 'title' | 'against'> {
  readonly options: Stage['options']
  because(facts: Facts): string
}

const form = ({ id, title, against, options, because }: Form): Option => ({
  id,
  title,
  because,
  ...(against && { against }),
  stages: (facts) => [{ stage: { id: 'fuse', pass: 'fuse', options }, because: because(facts) }],
})

/** Which operators are joined. */
export const fusion: Question = {
  id: 'fusion',
  question: 'What can be fused?',
  options: [
    form({
      id: 'without-sums',
      title: 'All but sums before normalizations',
      options: { residualSums: 'apart' },
      against: ({ fusions }, { target }) =>
        target !== 'ort' || fusions.hasSums === false ? 'No sum before a normalization would be fused here.' : null,
      because: ({ fusions, nodes }) =>
        `${joins(fusions.withoutSums, nodes)} A sum inside a layer normalization is fewer nodes, and slower on CPUs.`,
    }),
    form({
      id: 'all',
      title: 'Everything that the target has kernels for',
      options: {},
      because: ({ fusions, nodes }) => joins(fusions.all, nodes),
    }),
    form({
      id: 'measured',
      title: 'What is faster on this machine',
      options: { choose: 'measured' },
      against: (_facts, { target }) => (target === 'ort' ? null : 'Operators of another target cannot be timed here.'),
      because: () =>
        'Where it hangs on sizes and processor, each kind of place is timed with the fused operator and without. That takes a while.',
    }),
    form({
      id: 'same-opset',
      title: 'What its operator set has',
      options: { newestOpset: null },
      against: ({ fusions, opset }, { target }) =>
        target !== 'onnx' || alike(fusions.all, fusions.sameOpset) ? `Nothing here needs an operator set newer than ${opset}.` : null,
      because: () => 'Older runtimes still read it: the operator set stays as it is, and what needs a newer one stays in parts.',
    }),
    {
      id: 'none',
      title: 'Nothing',
      because: () => 'Nodes keep the names that they were exported with; the runtime fuses for itself when it loads the file.',
    },
  ],
  preferred: () => ['without-sums', 'all'],
}
