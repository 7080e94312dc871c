import type { Node } from '../ir/value.ts'

/** Why a node cannot be converted, and what to do about it. Collected for all nodes before anything is written. */
export class Unconvertible extends Error {
  readonly mend: string
  constructor(reason: string, mend: string) {
    super(reason)
    this.mend = mend
  }
}

/** Some operators are written out for sizes that must be known. */
export function refuseOpen({ opType }: Node, dims: readonly number[]): void {
  if (dims.some((dim) => dim < 0))
    throw new Unconvertible(
      `${opType} over a size that is known only at run time`,
      'Fix it with freeze-shapes first, or leave out --dynamic-batch.',
    )
}
