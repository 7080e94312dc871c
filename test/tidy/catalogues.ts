import { posix } from 'node:path'
import { type Check, targetOf } from './checks.ts'
import type { Source } from './source.ts'

/** Every rule is one file, named by its id, with a test and a place in the ordered list. */
export const rules: Check = (sources) => {
  const listed = reachableFrom('core/rules/index.ts', sources)
  return sources
    .filter(isRule)
    .flatMap((source) => [
      ...misnamed(source, 'rule'),
      ...untested(source, sources, 'rule'),
      ...(listed.has(source.path) ? [] : [`${source.path} is not in core/rules/index.ts: a rule that is not listed never runs`]),
    ])
}

/** Every pass is one file, named by its id, with a test and a place in the catalogue. */
export const passes: Check = (sources) => {
  const listed = reachableFrom('core/passes/catalogue.ts', sources)
  return sources
    .filter(isPass)
    .flatMap((source) => [
      ...misnamed(source, 'pass'),
      ...untested(source, sources, 'pass'),
      ...(listed.has(source.path) ? [] : [`${source.path} is not in core/passes/catalogue.ts: a pass that is not listed cannot be used`]),
    ])
}

function isRule(source: Source): boolean {
  return source.path.startsWith('core/rules/') && source.calls.some(({ callee }) => callee === 'rule')
}

function isPass(source: Source): boolean {
  if (!source.path.startsWith('core/passes/') || source.path === 'core/passes/catalogue.ts') return false
  return source.imports.some(({ specifier, names }) => specifier.endsWith('/pass.ts') && names.includes('Pass'))
}

function misnamed(source: Source, kind: string): string[] {
  const id = posix.basename(source.path, '.ts')
  if (source.literals.some(({ key, value }) => key === 'id' && value === id)) return []
  return [`${source.path} defines no ${kind} with id '${id}': one ${kind}, one file, and the file name is the id`]
}

function untested(source: Source, sources: readonly Source[], kind: string): string[] {
  const test = `test/${source.path.replace(/\.ts$/, '.test.ts')}`
  if (sources.some(({ path }) => path === test)) return []
  return [`${source.path} has no test at ${test}: a ${kind} that nothing checks may change what a model computes`]
}

function reachableFrom(index: string, sources: readonly Source[]): Set<string> {
  const folder = `${posix.dirname(index)}/`
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = new Set<string>()
  const queue = [index]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = byPath.get(path)
    if (!source || reached.has(path)) continue
    reached.add(path)
    // One rule that borrows from another does not list it.
    if (path !== index && posix.basename(path) !== 'index.ts') continue
    for (const entry of source.imports) {
      const target = targetOf(source, entry)
      if (target?.startsWith(folder)) queue.push(target)
    }
  }
  return reached
}
