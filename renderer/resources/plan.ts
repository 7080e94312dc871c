import { useStore } from 'zustand'
import type { Plan } from '../../core/api/answers.ts'
import { engine } from '../actions/connection.ts'
import { documentStore } from '../stores/document.ts'
import { sessionStore } from '../stores/session.ts'
import { Cache, type Resource, useResource } from './resource.ts'

const plans = new Cache<Plan>()

/** The pipeline as the engine understands it: conflicts with their mends, or what is wrong with it. */
export function usePlan(): Resource<Plan> {
  const pipeline = useStore(documentStore, ({ pipeline }) => pipeline)
  const connected = useStore(sessionStore, ({ connection }) => connection === 'ready')
  const key = connected && pipeline.stages.length > 0 ? JSON.stringify([pipeline.target, pipeline.stages, pipeline.wires]) : null
  return useResource(plans, key, async () => (await engine()).pipelines.plan({ pipeline }))
}

const none: Plan['warnings'] = []

/** Conflicts that do not keep the pipeline from running. */
export function useWarnings(): Plan['warnings'] {
  const plan = usePlan()
  return plan.state === 'ready' ? plan.value.warnings : none
}
