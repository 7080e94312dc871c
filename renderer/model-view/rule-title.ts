/** Words of rule names that are not written in small letters. */
const spelled: Readonly<Record<string, string>> = {
  gelu: 'GELU',
  silu: 'SiLU',
  rms: 'RMS',
  gemm: 'Gemm',
  matmul: 'MatMul',
  conv: 'Conv',
  convs: 'Convs',
  batchnorm: 'BatchNorm',
  relu: 'ReLU',
}

/** Rules whose names say what they do, and not what is found. */
const found: Readonly<Record<string, string>> = {
  'select-before-elementwise': 'Positions nobody reads',
  'select-before-norm': 'Norm of positions nobody reads',
  'select-before-product': 'Product of rows nobody reads',
  'select-queries-first': 'Queries nobody reads',
  'tell-unread-attention': 'Attention',
}

/** A rule as a title: `lift-gelu` reads as `GELU`, `fuse-batchnorm-into-conv` as `BatchNorm into Conv`. */
export function ruleTitle(rule: string): string {
  const title = found[rule]
  if (title !== undefined) return title
  const words = rule.replace(/^(fuse|lift|merge)-/, '').split('-')
  const text = words.map((word) => spelled[word] ?? word).join(' ')
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}
