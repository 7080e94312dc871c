/** Activations with flat parts, as functions of one number. */
export const activations = {
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  silu: (x: number) => x / (1 + Math.exp(-x)),
  'hard-sigmoid': (x: number) => Math.max(0, Math.min(1, 0.2 * x + 0.5)),
  'hard-swish': (x: number) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  tanh: Math.tanh,
} as const satisfies Readonly<Record<string, (x: number) => number>>

export type ActivationName = keyof typeof activations
