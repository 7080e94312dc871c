import { type Comment, parseSync } from 'oxc-parser'

/** What the checks need to know about one source file. Paths are relative to the repository root, with forward slashes. */
export interface Source {
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  readonly functions: readonly FunctionShape[]
  readonly calls: readonly Call[]
  readonly literals: readonly Property[]
  readonly comments: readonly { readonly text: string; readonly line: number }[]
}

export interface Import {
  readonly specifier: string
  readonly names: readonly string[]
  readonly typeOnly: boolean
  readonly line: number
}

export interface FunctionShape {
  readonly name: string
  readonly line: number
  readonly lines: number
  readonly parameters: number
}

/** A call by its dotted name: `process.exit`, `it.only`. */
export interface Call {
  readonly callee: string
  readonly arguments: number
  readonly line: number
}

/** A property with a string literal as its value: `id: 'clean-up'`. */
interface Property {
  readonly key: string
  readonly value: string
}

type Syntax = { readonly type: string; readonly start: number; readonly end: number } & Readonly<Record<string, unknown>>

const functionTypes = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'TSMethodSignature',
  'TSFunctionType',
  'TSDeclareFunction',
  'TSEmptyBodyFunctionExpression',
])

/** @throws Error when the file does not parse. */
export function readSource(path: string, text: string): Source {
  const { program, module, comments, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`${path} does not parse: ${errors[0].message}`)
  const lineOf = lineFinder(text)
  const collected = { imports: [] as Import[], functions: [] as FunctionShape[], calls: [] as Call[], literals: [] as Property[] }
  for (const entry of module.staticImports) {
    const names = entry.entries.map(({ importName }) => importName.name ?? '*')
    const typeOnly = entry.entries.length > 0 && entry.entries.every(({ isType }) => isType)
    collected.imports.push({ specifier: entry.moduleRequest.value, names, typeOnly, line: lineOf(entry.start) })
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, importName, isType, start } of entries) {
      if (!moduleRequest) continue
      collected.imports.push({ specifier: moduleRequest.value, names: [importName.name ?? '*'], typeOnly: isType, line: lineOf(start) })
    }
  }
  walk(program as unknown as Syntax, null, (node, parent) => collect(node, parent, lineOf, collected))
  return { path, lines: lineOf(text.trimEnd().length), ...collected, comments: comments.map((comment) => asLine(comment, lineOf)) }
}

function asLine(comment: Comment, lineOf: (offset: number) => number): Source['comments'][number] {
  return { text: comment.value, line: lineOf(comment.start) }
}

interface Collected {
  imports: Import[]
  functions: FunctionShape[]
  calls: Call[]
  literals: Property[]
}

function collect(node: Syntax, parent: Syntax | null, lineOf: (offset: number) => number, into: Collected): void {
  const line = lineOf(node.start)
  if (functionTypes.has(node.type)) {
    const lines = lineOf(node.end) - line + 1
    into.functions.push({ name: functionName(node, parent), line, lines, parameters: (node.params as unknown[] | undefined)?.length ?? 0 })
  } else if (node.type === 'CallExpression') {
    const callee = dotted(node.callee as Syntax)
    if (callee) into.calls.push({ callee, arguments: (node.arguments as unknown[]).length, line })
  } else if (node.type === 'ImportExpression' || node.type === 'TSImportType') {
    const specifier = literal(node.source ?? node.argument)
    if (specifier !== null) into.imports.push({ specifier, names: ['*'], typeOnly: node.type === 'TSImportType', line })
  } else if (node.type === 'Property') {
    const key = dotted(node.key as Syntax)
    const value = literal(node.value)
    if (key && value !== null) into.literals.push({ key, value })
  }
}

function functionName(node: Syntax, parent: Syntax | null): string {
  const named = (node.id ?? node.key ?? (parent?.type === 'VariableDeclarator' ? parent.id : parent?.key)) as Syntax | null | undefined
  return (named && dotted(named)) || 'an unnamed function'
}

function dotted(node: Syntax): string | null {
  if (node.type === 'Identifier' || node.type === 'PrivateIdentifier') return node.name as string
  if (node.type !== 'MemberExpression' || node.computed) return null
  const object = dotted(node.object as Syntax)
  return object && `${object}.${dotted(node.property as Syntax)}`
}

function literal(node: unknown): string | null {
  const value = (node as { type?: string; value?: unknown } | null | undefined)?.value
  return typeof value === 'string' ? value : null
}

function walk(node: Syntax, parent: Syntax | null, visit: (node: Syntax, parent: Syntax | null) => void): void {
  visit(node, parent)
  for (const child of Object.values(node).flat()) if (isSyntax(child)) walk(child, node, visit)
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && typeof (value as Syntax).type === 'string'
}

/** Offsets to line numbers, from 1. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }
}
