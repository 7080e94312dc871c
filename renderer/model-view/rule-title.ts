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

/** A rule as a title: `lift-gelu` reads as `GELU`, `fuse-batchnorm-into-conv` as `BatchNorm into Conv`. */
export function ruleTitle(rule: string): string {
  const words = rule.replace(/^(fuse|lift|merge)-/, '').split('-')
  const text = words.map((word) => spelled[word] ?? word).join(' ')
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}
