import { type Engine, hostAnswers, openLine } from '../engine.ts'
import { runStore } from '../stores/run.ts'
import { isGoing } from '../stores/run-state.ts'
import { sessionStore } from '../stores/session.ts'

let current: Engine | null = null
const waiting: ((engine: Engine) => void)[] = []
const listeners: ((engine: Engine) => Promise<void>)[] = []

/** The engine, as soon as there is one. */
export const engine = (): Promise<Engine> => (current ? Promise.resolve(current) : new Promise((resolve) => void waiting.push(resolve)))

/** Runs whenever a line to the engine stands: at first, and after one broke. */
export const onConnected = (listener: (engine: Engine) => Promise<void>): void => void listeners.push(listener)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const longestPause = 5000

/** Keeps a line to the engine up for as long as the window lives. */
export async function stayConnected(): Promise<void> {
  for (let wait = 200; ; ) {
    try {
      const line = await openLine()
      await greet(line.engine)
      wait = 200
      await line.ended
    } catch (error) {
      console.warn('no line to the engine', error)
    }
    lose(await hostAnswers())
    await pause(wait)
    wait = Math.min(wait * 2, longestPause)
  }
}

async function greet(engine: Engine): Promise<void> {
  current = engine
  for (const resolve of waiting.splice(0)) resolve(engine)
  for (const listener of listeners) await listener(engine)
  sessionStore.setState({ connection: 'ready' })
}

function lose(hostIsThere: boolean): void {
  current = null
  const running = isGoing(runStore.getState())
  sessionStore.setState({
    connection: hostIsThere ? 'lost' : 'gone',
    ...(running ? { interrupted: { text: 'The line to the engine broke during a run; connecting again.', act: null } } : {}),
  })
}
