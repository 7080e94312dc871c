/** Why a node cannot be converted, and what to do about it. Collected for all nodes before anything is written. */
export class Unconvertible extends Error {
  readonly mend: string
  constructor(reason: string, mend: string) {
    super(reason)
    this.mend = mend
  }
}
