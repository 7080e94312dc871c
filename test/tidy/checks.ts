import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { layerOf, objection } from './layers.ts'
import type { Import, Source } from './source.ts'

/** A check looks at every source and answers with sentences: where, what, and why it matters. */
export type Check = (sources: readonly Source[]) => string[]

const at = (source: Source, line: number) => `${source.path}:${line}`
const inTree =
  (...trees: string[]) =>
  (source: Source) =>
    trees.some((tree) => source.path.startsWith(`${tree}/`))
const product = inTree('core', 'electron', 'renderer')

/** The path that a relative import means, `null` for a package. */
export function targetOf(source: Source, { specifier }: Import): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(source.path), specifier) : null
}

export const layers: Check = (sources) => everyImport(sources.filter(product), importsOfOurs)

function importsOfOurs(source: Source, entry: Import): string[] {
  const target = targetOf(source, entry)
  const from = layerOf(source.path)
  if (target === null || from === null) return []
  const to = layerOf(target)
  if (to === null) return target === 'package.json' ? [] : [`${at(source, entry.line)} imports ${target}, which is not part of the product`]
  const reason = objection(from, to)
  return reason ? [`${at(source, entry.line)} imports ${target}, but ${reason}`] : []
}

/** Packages that only one place may load. */
const doors: readonly { readonly packages: RegExp; readonly open: (path: string) => boolean; readonly why: string }[] = [
  {
    packages: /^(onnxruntime-node|onnxruntime-web|onnxruntime-common|@litertjs\/.*)$/,
    open: (path) => path.startsWith('core/runtime/'),
    why: 'only core/runtime/ loads native code or WebAssembly, in a process of its own',
  },
  {
    packages: /^(node:)?(child_process|cluster)$/,
    open: (path) => /^(core\/cli|core\/web|electron)\//.test(path),
    why: 'core never forks a process: hosts make processes and hand over their ports',
  },
  { packages: /^electron($|\/)/, open: (path) => path.startsWith('electron/'), why: 'only the desktop host knows Electron' },
  {
    packages: /^(react|react-dom|@mantine\/.*|@xyflow\/.*|zustand)($|\/)/,
    open: (path) => path.startsWith('renderer/'),
    why: 'only the renderer draws; the engine knows no window',
  },
]

export const packages: Check = (sources) =>
  everyImport(sources.filter(product), (source, entry) => {
    const shut = doors.find((door) => door.packages.test(entry.specifier) && !door.open(source.path))
    if (shut) return [`${at(source, entry.line)} imports ${entry.specifier}, but ${shut.why}`]
    if (!isBuiltin(entry.specifier)) return []
    if (source.path.startsWith('renderer/'))
      return [`${at(source, entry.line)} imports ${entry.specifier}, but the renderer runs without Node`]
    if (source.path.startsWith('core/api/'))
      return [`${at(source, entry.line)} imports ${entry.specifier}, but core/api is also read in a window`]
    return []
  })

function everyImport(sources: readonly Source[], judge: (source: Source, entry: Import) => string[]): string[] {
  return sources.flatMap((source) => source.imports.flatMap((entry) => judge(source, entry)))
}

/** Modules that need each other while loading have no order in which they can be read or initialised. Types do not count. */
export const cycles: Check = (sources) => {
  const edges = new Map(sources.map((source) => [source.path, valueTargets(source)]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) found.push(`${[...trail.slice(start), path].join(' -> ')}: modules import each other in a circle`)
    if (start >= 0 || done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return found
}

function valueTargets(source: Source): string[] {
  return source.imports.filter(({ typeOnly }) => !typeOnly).flatMap((entry) => targetOf(source, entry) ?? [])
}

export const ceilings = { fileLines: 400, functionLines: 60, componentLines: 200, parameters: 4 } as const

export const sizes: Check = (sources) => sources.flatMap((source) => [...fileSize(source), ...functionSizes(source)])

function fileSize(source: Source): string[] {
  if (source.lines <= ceilings.fileLines) return []
  return [`${source.path} has ${source.lines} lines, the ceiling is ${ceilings.fileLines}: it holds more than one idea, split it by idea`]
}

function functionSizes(source: Source): string[] {
  // The callback of a describe block is a table of contents, not a function to hold in mind.
  if (/\.test\.tsx?$/.test(source.path)) return []
  return source.functions.flatMap(({ name, line, lines, parameters }) => {
    const component = source.path.endsWith('.tsx') && /^[A-Z]/.test(name)
    const ceiling = component ? ceilings.componentLines : ceilings.functionLines
    const where = `${at(source, line)} ${name}`
    return [
      ...(lines > ceiling ? [`${where} has ${lines} lines, the ceiling is ${ceiling}: name its steps`] : []),
      ...(parameters > ceilings.parameters
        ? [`${where} takes ${parameters} positional parameters, the ceiling is ${ceilings.parameters}: pass an object with names`]
        : []),
    ]
  })
}

const drawers = new Set(['util', 'utils', 'utilities', 'common', 'helper', 'helpers', 'misc', 'shared', 'stuff'])

export const names: Check = (sources) =>
  sources.flatMap(({ path }) => {
    const drawer = path.split('/').find((part) => drawers.has(part.replace(/(\.test)?\.[a-z]+$/, '').toLowerCase()))
    return drawer ? [`${path}: "${drawer}" is a drawer, not an idea; put the code beside its only user or give it a name`] : []
  })

/** Only entry points end the process: from anywhere else it would take the work of others with it. */
const mayExit = /^(core\/cli\/main|core\/runtime\/worker|core\/web\/engine-process|electron\/.*|scripts\/.*)\.ts$/

export const exits: Check = (sources) =>
  sources
    .filter(product)
    .flatMap((source) =>
      source.calls
        .filter(({ callee }) => callee === 'process.exit' && !mayExit.test(source.path))
        .map(({ line }) => `${at(source, line)} ends the process; only entry points may: raise a Problem instead`),
    )

const testFunctions = /^(it|test|describe|suite)(\.[a-z]+)*\.(only|todo|skip)$/i

export const loneTests: Check = (sources) =>
  sources.filter(inTree('test')).flatMap((source) =>
    source.calls.flatMap(({ callee, arguments: count, line }) => {
      if (testFunctions.test(callee))
        return [`${at(source, line)} ${callee}: a test that does not run proves nothing; use skipIf(condition) when its data may be absent`]
      if (/^(context|ctx|t)\.skip$/.test(callee) && count === 0)
        return [`${at(source, line)} ${callee}() without a reason: say why in its argument`]
      return []
    }),
  )

const unfinished = /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck|expect-error)/

export const marks: Check = (sources) =>
  sources.flatMap((source) =>
    source.comments
      .filter(({ text }) => unfinished.test(text))
      .map(({ text, line }) => `${at(source, line)} "${text.trim().slice(0, 60)}": finish it or leave it out; a note does neither`),
  )
