import { useStore } from 'zustand'
import type { Recent, Sample } from '../../core/api/contract.ts'
import { engine } from '../actions/connection.ts'
import { sessionStore } from '../stores/session.ts'
import { Cache, type Resource, useResource } from './resource.ts'

const samples = new Cache<Sample[]>()
const recents = new Cache<Recent[]>()

export const useSamples = (): Resource<Sample[]> => useResource(samples, 'samples', async () => (await engine()).models.samples())

/** Asked anew whenever the welcome comes up. */
export function useRecents(): Resource<Recent[]> {
  const connected = useStore(sessionStore, ({ connection }) => connection === 'ready')
  return useResource(recents, connected ? 'recents' : null, async () => (await engine()).models.recents())
}
