import { cpus } from 'node:os'
import { joulesBetween, readEnergy } from './energy.ts'
import type { Conditions } from './session.ts'

/** Watches what the machine does besides, while this process works. */
export interface ConditionsWatch {
  /** Notes the clock of the processor; cheap, but not for inside a measured stretch. */
  noteClock(): void
  end(): Promise<Conditions>
}

/** The system counts work in steps of about 10 ms: over less time than this they say nothing. */
const shortestMs = 200

/** Cores that other work took, of those that there are. */
export function otherCoresOf(others: number, milliseconds: number, cores: number): number {
  return milliseconds < shortestMs ? 0 : Math.min(cores, Math.max(0, others / milliseconds))
}

/** Begins to watch. */
export async function watchConditions(): Promise<ConditionsWatch> {
  const energy = await readEnergy()
  const [began, busy, own] = [performance.now(), busyMs(), process.cpuUsage()]
  const megahertz: number[] = []
  return {
    noteClock() {
      const fastest = Math.max(...cpus().map(({ speed }) => speed))
      if (fastest > 0) megahertz.push(fastest)
    },
    async end() {
      const milliseconds = performance.now() - began
      const { user, system } = process.cpuUsage(own)
      const others = busyMs() - busy - (user + system) / 1000
      return {
        milliseconds,
        otherCores: otherCoresOf(others, milliseconds, cpus().length),
        megahertz,
        joules: joulesBetween(energy, await readEnergy()),
      }
    },
  }
}

/** Milliseconds that all cores together have worked since the system started. */
const busyMs = (): number => cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0)
