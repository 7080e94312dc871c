import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { Recent, RunSummary, Sample } from '../../core/api/contract.ts'
import { engine } from '../actions/connection.ts'
import { sessionStore } from '../stores/session.ts'
import { Cache, type Resource, useResource } from './resource.ts'

const samples = new Cache<Sample[]>()
const recents = new Cache<Recent[]>()

export const useSamples = (): Resource<Sample[]> => useResource(samples, 'samples', async () => (await engine()).models.samples())

/** Asked anew whenever another model is open, or none. */
export function useRecents(): Resource<Recent[]> {
  const connected = useStore(sessionStore, ({ connection }) => connection === 'ready')
  const opened = useStore(sessionStore, ({ opened }) => opened?.path ?? '')
  return useResource(recents, connected ? `recents ${opened}` : null, async () => (await engine()).models.recents())
}

/** What was opened meanwhile is listed too. */
export const forgetRecents = (): void => recents.clear()

const askedEveryMs = 2000

/** The runs of this engine, of whichever window; newest first. Asked again and again while they are on screen. */
export function useRuns(): readonly RunSummary[] {
  const connected = useStore(sessionStore, ({ connection }) => connection === 'ready')
  const [runs, setRuns] = useState<readonly RunSummary[]>([])
  useEffect(() => {
    if (!connected) return
    const ask = async () => setRuns(await (await engine()).runs.list())
    // An engine that is gone is told by the connection.
    const quietly = () => void ask().catch(() => undefined)
    quietly()
    const timer = setInterval(quietly, askedEveryMs)
    return () => clearInterval(timer)
  }, [connected])
  return runs
}
