import type { Pass } from '../pass.ts'

/** Every pass a pipeline may name, in the order in which they are shown. */
export const catalogue: readonly Pass[] = []

/** The pass of an id; `null` when there is none. */
export const passOf = (id: string): Pass | null => catalogue.find((pass) => pass.id === id) ?? null
