import { readFileSync, writeFileSync } from 'node:fs'

/** An entry of `packages` in package-lock.json, as far as it matters here. */
interface Entry {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Lock {
  readonly packages: Record<string, Entry>
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/**
 * The packages for other platforms that a lockfile lacks, by the place where they belong. `npm install` leaves them out when they are not
 * installed or the registry does not have them, and `npm ci` then refuses the lockfile (github.com/npm/cli, issue 4828).
 */
export function missingEntries({ packages }: Lock): Map<string, Entry> {
  const missing = new Map<string, Entry>()
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!/^\d+\.\d+\.\d+/.test(version) || find(packages, path, name)?.version === version) continue
      // Beside the package that wants it, or inside when another version is there.
      const beside = `${path.slice(0, path.lastIndexOf('node_modules/'))}node_modules/${name}`
      const place = packages[beside] === undefined ? beside : `${path}/node_modules/${name}`
      missing.set(place, { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true })
    }
  }
  return missing
}

/** What Node finds from a package: inside it, beside it, or beside one that holds it. */
function find(packages: Lock['packages'], from: string, name: string): Entry | undefined {
  for (let path = from; ; path = path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/')))) {
    const found = packages[`${path === '' ? '' : `${path}/`}node_modules/${name}`]
    if (found || path === '') return found
  }
}

/** `@scope/binding-linux-arm64-musl` says where it runs. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/)
  const os = systems.filter((system) => words.includes(system))
  const cpu = processors.filter((processor) => words.includes(processor)).slice(0, 1)
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : words.some((word) => word.startsWith('gnu')) ? ['glibc'] : []
  return { ...(cpu.length > 0 ? { cpu } : {}), ...(libc.length > 0 ? { libc } : {}), ...(os.length > 0 ? { os } : {}) }
}

/** Adds the missing entries to package-lock.json. */
export async function main(): Promise<void> {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock
  const missing = missingEntries(lock)
  const packages = Object.fromEntries(
    Object.entries({ ...lock.packages, ...Object.fromEntries(missing) }).sort(([a], [b]) => a.localeCompare(b, 'en')),
  )
  if (missing.size > 0) writeFileSync('package-lock.json', `${JSON.stringify({ ...lock, packages }, null, 2)}\n`)
  process.stdout.write(`added ${missing.size} packages of other platforms to package-lock.json\n`)
}
