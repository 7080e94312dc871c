import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, cpus, loadavg, platform, totalmem } from 'node:os'
import { cpuFeatures, type Machine } from '../api/measurement.ts'
import type { Runtime, RuntimeInfo } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'

type Feature = (typeof cpuFeatures)[number]

/** Names of the kernel for the instruction sets that the runtime's integer kernels choose by. */
const flags: Readonly<Record<Feature, readonly string[]>> = {
  avx2: ['avx2'],
  avx512: ['avx512f'],
  'avx512-vnni': ['avx512_vnni', 'avx512vnni'],
  'avx-vnni': ['avx_vnni'],
  amx: ['amx_int8'],
  neon: ['asimd'],
  dotprod: ['asimddp'],
  i8mm: ['i8mm'],
}

/** With any of these, products of 8-bit integers are summed in 32 bits. */
const dotProducts: readonly Feature[] = ['avx512-vnni', 'avx-vnni', 'amx', 'neon', 'dotprod', 'i8mm']

/** This machine as reports tell of it. */
export function machineWith(runtime: RuntimeInfo): Machine {
  const features = detectFeatures()
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() || 'unknown processor',
    cores: processors.length,
    memoryBytes: totalmem(),
    platform: platform(),
    arch: arch(),
    features,
    int8DotProduct: runtime.int8DotProduct,
    runtime: { name: runtime.name, version: runtime.version, providers: [...runtime.providers] },
    node: process.versions.node,
    load: Math.round(100 * (loadavg()[0] ?? 0)) / 100,
  }
}

/**
 * What the runtime is, without starting it where that is known: its answer is remembered for the installed version.
 * @param start whether to ask the runtime itself when nothing is remembered
 */
export async function runtimeInfo(runtime: Runtime, store: Store, start: boolean): Promise<RuntimeInfo> {
  const installed = installedVersion()
  const features = detectFeatures()
  const key = { kind: 'runtime-info', installed, platform: platform(), cpu: cpus()[0]?.model ?? '', features }
  if (installed === null) return runtime.info()
  if (start) return (await store.memo(key, () => runtime.info())).value
  try {
    return (await store.memo<RuntimeInfo>(key, () => Promise.reject(new NotRemembered()))).value
  } catch (error) {
    if (error instanceof NotRemembered)
      return {
        name: 'onnxruntime',
        version: installed,
        providers: ['cpu'],
        int8DotProduct: features.some((feature) => dotProducts.includes(feature)),
      }
    throw error
  }
}

class NotRemembered extends Error {}

function installedVersion(): string | null {
  try {
    const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
    return version
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}

/** Linux tells all of them; elsewhere what every processor of that kind has. */
function detectFeatures(): Feature[] {
  if (platform() === 'linux') {
    const known = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(/\s+/))
    return cpuFeatures.filter((feature) => flags[feature].some((flag) => known.has(flag)))
  }
  if (arch() === 'arm64') return platform() === 'darwin' ? ['neon', 'dotprod'] : ['neon']
  return arch() === 'x64' ? ['avx2'] : []
}
