import type { Stage } from '../../api/pipeline.ts'
import type { Option, Question } from './question.ts'

const stage = (options: Stage['options']): Stage => ({ id: 'fuse', pass: 'fuse', options })

const joins = (nodes: number | null, of: number): string =>
  nodes === null || nodes === 0
    ? 'It joins operators into the ones that the target has fast kernels for, before precision is changed.'
    : `${nodes} of ${of} nodes change: they become operators that the target has fast kernels for, before precision is changed.`

/** Known to make no difference. */
const alike = (nodes: number | null, other: number | null): boolean => nodes !== null && nodes === other

/** An option of `fuse`, offered where it makes a difference. */
const form = (option: Pick<Option, 'id' | 'title' | 'against'>, options: Stage['options'], because: string): Option => ({
  ...option,
  because: () => because,
  stages: () => [{ stage: stage(options), because }],
})

/** Which operators are joined. */
export const fusion: Question = {
  id: 'fusion',
  question: 'What can be fused?',
  options: [
    {
      id: 'all',
      title: 'Everything that the target has kernels for',
      because: ({ fusions, nodes }) => joins(fusions.all, nodes),
      stages: ({ fusions, nodes }) => [{ stage: stage({}), because: joins(fusions.all, nodes) }],
    },
    form(
      {
        id: 'without-sums',
        title: 'All but sums before normalizations',
        against: ({ fusions }, { target }) =>
          target !== 'ort' || alike(fusions.all, fusions.withoutSums) ? 'No sum before a normalization would be fused here.' : null,
      },
      { residualSums: false },
      'Nodes remain that the runtime is often faster with: its LayerNormalization beats the one with the sum inside on CPUs.',
    ),
    form(
      {
        id: 'same-opset',
        title: 'What its operator set has',
        against: ({ fusions, opset }, { target }) =>
          target !== 'onnx' || alike(fusions.all, fusions.sameOpset) ? `Nothing here needs an operator set newer than ${opset}.` : null,
      },
      { newestOpset: null },
      'Older runtimes still read it: the operator set stays as it is, and what needs a newer one stays in parts.',
    ),
    {
      id: 'none',
      title: 'Nothing',
      because: () => 'Nodes keep the names that they were exported with; the runtime fuses for itself when it loads the file.',
    },
  ],
  preferred: () => ['all'],
}
