/** What a metric that falls as models get better is made of, one entry a sample, so that two versions can be compared pair by pair. */
export interface Losses {
  /** Sums of nats (perplexity) or mean squared errors. */
  readonly sums: Float64Array
  /** What each sum was taken over: judged tokens, or 1. */
  readonly counts: Float64Array
}
