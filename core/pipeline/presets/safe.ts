import type { Preset } from '../../api/answers.ts'

export const safe: Preset = {
  id: 'safe',
  summary: 'Tidies and fuses; outputs stay the same up to rounding.',
  pipeline: {
    lathe: 1,
    name: 'Safe',
    target: 'ort',
    stages: [
      { id: 'tidy', pass: 'clean-up', options: {} },
      { id: 'branches', pass: 'reparameterize', options: {} },
      { id: 'fuse', pass: 'fuse', options: { residualSums: 'apart' } },
    ],
  },
}
