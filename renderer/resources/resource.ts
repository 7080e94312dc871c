import { useEffect, useMemo, useState } from 'react'
import type { Problem } from '../../core/api/problem.ts'
import { problemIn } from '../engine.ts'

/** Something that is fetched: its four states are the four states of a panel. */
export type Resource<T> =
  | { readonly state: 'idle' }
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly problem: Problem; retry(): void }
  | { readonly state: 'ready'; readonly value: T }

/** Answers that were fetched once, by key. */
export class Cache<T> {
  readonly #answers = new Map<string, Promise<T>>()
  readonly #values = new Map<string, T>()

  get(key: string, load: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key)
    if (known) return known
    const answer = load()
    this.#answers.set(key, answer)
    answer.then(
      (value) => void this.#values.set(key, value),
      // Whoever asked hears of it; the next one asks again.
      () => void this.#answers.delete(key),
    )
    return answer
  }

  peek(key: string): T | undefined {
    return this.#values.get(key)
  }

  clear(): void {
    this.#answers.clear()
    this.#values.clear()
  }
}

/** Fetches by key; `null` is idle. What an earlier key brings late is dropped. */
export function useResource<T>(cache: Cache<T>, key: string | null, load: () => Promise<T>): Resource<T> {
  const [attempt, setAttempt] = useState(0)
  const [found, setFound] = useState<{ readonly key: string; readonly resource: Resource<T> } | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is fresh at every rendering and says the same for the same key
  useEffect(() => {
    if (key === null) return
    let wanted = true
    const settle = (resource: Resource<T>) => wanted && setFound({ key, resource })
    cache.get(key, load).then(
      (value) => settle({ state: 'ready', value }),
      (error) => settle({ state: 'failed', problem: problemIn(error), retry: () => setAttempt((count) => count + 1) }),
    )
    return () => {
      wanted = false
    }
  }, [cache, key, attempt])
  // The same answer is the same object at every rendering: others hang their own work on it.
  const known = key === null ? undefined : cache.peek(key)
  const remembered = useMemo<Resource<T>>(() => (known === undefined ? loading : { state: 'ready', value: known }), [known])
  if (key === null) return idle
  return found?.key === key ? found.resource : remembered
}

const idle = { state: 'idle' } as const
const loading = { state: 'loading' } as const
