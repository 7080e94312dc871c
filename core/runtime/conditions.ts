import { cpus } from 'node:os'
import { joulesBetween, readEnergy } from './energy.ts'
import type { Conditions } from './session.ts'

/** Watches what the machine does besides, while this process works. */
export interface ConditionsWatch {
  /** Notes the clock of the processor; cheap, but not for inside a measured stretch. */
  noteClock(): void
  end(): Promise<Conditions>
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
      const others = Math.max(0, busyMs() - busy - (user + system) / 1000)
      return {
        milliseconds,
        otherCores: milliseconds === 0 ? 0 : others / milliseconds,
        megahertz,
        joules: joulesBetween(energy, await readEnergy()),
      }
    },
  }
}

/** Milliseconds that all cores together have worked since the system started. */
const busyMs = (): number => cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0)
