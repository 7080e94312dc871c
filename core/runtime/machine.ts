import { readFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import type { cpuFeatures, Machine } from '../api/measurement.ts'
import type { RuntimeInfo } from './session.ts'

type Feature = (typeof cpuFeatures)[number]

/**
 * The machine as measurements state it. Whether 8-bit products saturate is measured by the runtime; only without one (nothing runs then) it
 * follows from the instructions, which are read where the system tells them (Linux) or follow from the processor (Apple).
 * @param runtime what the runtime found, or its name and version alone when no process is to be started
 */
export async function describeMachine(runtime: RuntimeInfo | Pick<RuntimeInfo, 'name' | 'version'>): Promise<Machine> {
  const cpu = cpus()[0]?.model.trim() || 'unknown processor'
  const features = await featuresOf(cpu)
  const measured = 'int8DotProduct' in runtime ? runtime.int8DotProduct : null
  return {
    cpu,
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: process.platform,
    arch: process.arch,
    features: [...features],
    int8DotProduct: measured ?? multipliesExactly(features),
    runtime: { name: runtime.name, version: runtime.version, providers: 'providers' in runtime ? [...runtime.providers] : [] },
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
  }
}

async function featuresOf(cpu: string): Promise<readonly Feature[]> {
  if (process.platform === 'linux') return featuresInCpuInfo(await readFile('/proc/cpuinfo', 'utf8'))
  if (process.platform === 'darwin') return featuresOfApple(cpu)
  // Windows tells no program without native code; NEON is part of every 64-bit ARM processor.
  return process.arch === 'arm64' ? ['neon'] : []
}

const flagOf: Readonly<Record<string, Feature>> = {
  avx2: 'avx2',
  avx512f: 'avx512',
  avx512_vnni: 'avx512-vnni',
  avx_vnni: 'avx-vnni',
  amx_int8: 'amx',
  asimd: 'neon',
  asimddp: 'dotprod',
  i8mm: 'i8mm',
}

/** Features that `/proc/cpuinfo` lists, on x64 under `flags`, on ARM under `Features`. */
export function featuresInCpuInfo(text: string): Feature[] {
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1]?.split(/\s+/))
  return Object.entries(flagOf).flatMap(([flag, feature]) => (flags.has(flag) ? feature : []))
}

/** Every Apple processor has NEON and dot products; i8mm came with the second generation. */
export function featuresOfApple(cpu: string): Feature[] {
  const generation = Number(/Apple M(\d+)/.exec(cpu)?.[1] ?? 0)
  if (generation === 0) return []
  return generation >= 2 ? ['neon', 'dotprod', 'i8mm'] : ['neon', 'dotprod']
}

/** On ARM sums are taken in 32 bits with or without a dot product. On x64 only the VNNI instructions do so. */
const multipliesExactly = (features: readonly Feature[]): boolean =>
  features.some((feature) => feature === 'avx512-vnni' || feature === 'avx-vnni' || feature === 'neon')
