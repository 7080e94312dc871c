import { type Engine, openLine } from '../engine.ts'
import { runStore } from '../stores/run.ts'
import { isGoing } from '../stores/run-state.ts'
import { sessionStore } from '../stores/session.ts'

let current: Engine | null = null
const waiting: ((engine: Engine) => void)[] = []
const listeners: ((engine: Engine, again: boolean) => Promise<void>)[] = []

/** The engine, as soon as there is one. */
export const engine = (): Promise<Engine> => (current ? Promise.resolve(current) : new Promise((resolve) => void waiting.push(resolve)))

/** Runs whenever a line to the engine stands; `again` after one broke. */
export const onConnected = (listener: (engine: Engine, again: boolean) => Promise<void>): void => void listeners.push(listener)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const longestPause = 5000

/** Keeps a line to the engine up for as long as the window lives. */
export async function stayConnected(): Promise<void> {
  for (let again = false, wait = 200; ; again = true) {
    try {
      const line = await openLine()
      wait = 200
      await greet(line.engine, again)
      await line.ended
    } catch (error) {
      console.warn('no line to the engine', error)
    }
    lose()
    await pause(wait)
    wait = Math.min(wait * 2, longestPause)
  }
}

async function greet(engine: Engine, again: boolean): Promise<void> {
  current = engine
  for (const resolve of waiting.splice(0)) resolve(engine)
  for (const listener of listeners) await listener(engine, again)
  sessionStore.setState({ connection: 'ready' })
}

function lose(): void {
  current = null
  const running = isGoing(runStore.getState())
  sessionStore.setState({
    connection: 'lost',
    ...(running ? { interrupted: { text: 'The engine stopped while a run was going on.', canResume: false } } : {}),
  })
}
