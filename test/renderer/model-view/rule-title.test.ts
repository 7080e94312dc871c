import { expect, it } from 'vitest'
import { ruleTitle } from '../../../renderer/model-view/rule-title.ts'

it('reads as a title, not as an id', () => {
  expect(
    ['lift-gelu', 'view-gathered-grid', 'fuse-batchnorm-into-conv', 'lift-rms-normalization', 'merge-clips', 'tell-unread-attention'].map(
      ruleTitle,
    ),
  ).toEqual(['GELU', 'View gathered grid', 'BatchNorm into Conv', 'RMS normalization', 'Clips', 'Attention'])
})
