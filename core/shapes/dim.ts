import type { Dim } from '../ir/value.ts'

/**
 * Arithmetic on dimensions. A dimension is a number, an expression over symbols in canonical form (`batch*4`, `past + seq`,
 * `floor((height + 1)/2)`), or unknown (`null`, which everything it touches becomes). Two expressions of equal canonical form are equal.
 */

/** A sum of products: from the product's symbols (sorted, joined by `*`; `''` for the constant) to its factor. */
type Sum = ReadonlyMap<string, number>

const sums = new Map<string, Sum>()

/** `a + b`. */
export const addDims = (a: Dim, b: Dim): Dim =>
  typeof a === 'number' && typeof b === 'number' ? a + b : combine(a, b, (x, y) => plus(x, y, 1))

/** `a - b`. */
export const subtractDims = (a: Dim, b: Dim): Dim =>
  typeof a === 'number' && typeof b === 'number' ? a - b : combine(a, b, (x, y) => plus(x, y, -1))

/** `a * b`. */
export const multiplyDims = (a: Dim, b: Dim): Dim =>
  typeof a === 'number' && typeof b === 'number' ? a * b : a === 0 || b === 0 ? 0 : combine(a, b, times)

/** `a / b` rounded down; both are taken to be at least 0, as sizes are. Unknown for a division by 0. */
export function divideDims(a: Dim, b: Dim): Dim {
  if (a === null || b === null || b === 0) return null
  if (typeof a === 'number' && typeof b === 'number') return Math.floor(a / b)
  if (a === b) return 1
  const exact = quotient(sumOf(a), sumOf(b))
  if (exact !== null) return textOfSum(exact)
  const inner = (dim: Dim): string => (typeof dim === 'string' && /[ +/-]/.test(dim) ? `(${dim})` : String(dim))
  return `floor(${inner(a)}/${inner(b)})`
}

/** The smaller of two sizes: `min(64, length)` where it hangs on a symbol. */
export function minimumDim(a: Dim, b: Dim): Dim {
  if (a === null || b === null) return null
  const difference = subtractDims(a, b)
  if (typeof difference === 'number') return difference <= 0 ? a : b
  // Sizes are not negative: what is left of one is a sum of sizes, so the other is the smaller.
  if (isSumOfSizes(difference)) return b
  if (isSumOfSizes(subtractDims(b, a))) return a
  return `min(${[a, b].map(String).sort().join(', ')})`
}

/** Whether an expression is certainly not negative: nothing in it is taken away. */
const isSumOfSizes = (dim: Dim): boolean => typeof dim === 'string' && !dim.includes('-')

/** Whether a size is certainly no smaller than a number: nothing but sizes is added to it. What stands as one symbol, such as `floor(a/b)`, is a size. */
export function isAtLeast(dim: Dim, least: number): boolean {
  const rest = subtractDims(dim, least)
  return rest !== null && [...sumOf(rest).values()].every((factor) => factor >= 0)
}

/** The product of dimensions; 1 for none. */
export const productOf = (dims: readonly Dim[]): Dim => dims.reduce(multiplyDims, 1)

/** The canonical form of a dimension as a file declares it: `seq+past` and `past + seq` become the same. */
export const canonicalDim = (dim: Dim): Dim => (typeof dim === 'string' ? textOfSum(sumOf(dim)) : dim)

/** Whether two dimensions are certainly equal: unknown ones never are. */
export const sameDim = (a: Dim, b: Dim): boolean => a !== null && (a === b || canonicalDim(a) === canonicalDim(b))

/** Whether two dimensions are certainly different. */
export function differentDims(a: Dim, b: Dim): boolean {
  const difference = subtractDims(a, b)
  return typeof difference === 'number' && difference !== 0
}

/** The size that two dimensions broadcast to; unknown where it hangs on which of them is 1. */
export function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === 1) return b
  if (b === 1 || sameDim(a, b)) return a
  // A size cut down to at most b broadcasts with b only where it is b.
  if (isMinimumOf(a, b)) return b
  if (isMinimumOf(b, a)) return a
  if (typeof a === 'number') return a
  return typeof b === 'number' ? b : null
}

const isMinimumOf = (a: Dim, b: Dim): boolean =>
  typeof a === 'string' && typeof b === 'string' && a.startsWith('min(') && a.slice(4, -1).split(', ').includes(b)

/** The shape that two shapes broadcast to (numpy's rule). */
export function broadcastShapes(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] {
  const rank = Math.max(a.length, b.length)
  const at = (shape: readonly Dim[], i: number): Dim => (i < rank - shape.length ? 1 : (shape[i - rank + shape.length] ?? null))
  return Array.from({ length: rank }, (_, i) => broadcastDim(at(a, i), at(b, i)))
}

/** The size of a dimension when its symbols have the given sizes; `null` when one is missing or unknown. */
export function evaluateDim(dim: Dim, sizes: ReadonlyMap<string, number>): number | null {
  if (typeof dim !== 'string') return dim
  let total = 0
  for (const [product, factor] of sumOf(dim)) {
    let value = factor
    for (const atom of product === '' ? [] : splitTop(product, '*')) {
      const size = atomSize(atom, sizes)
      if (size === null) return null
      value *= size
    }
    total += value
  }
  return total
}

/** Functions that stand as one symbol: `floor(a/b)`, `min(a, b)`. */
const calls = /^(floor|min)\((.*)\)$/s
const partsOf = (call: RegExpExecArray): string[] => splitTop(call[2] as string, call[1] === 'min' ? ',' : '/').map((part) => part.trim())

function atomSize(atom: string, sizes: ReadonlyMap<string, number>): number | null {
  const known = sizes.get(atom)
  if (known !== undefined) return known
  const call = calls.exec(atom)
  if (call === null) return null
  const [a, b] = partsOf(call).map((part) => evaluateDim(canonicalDim(bare(part)), sizes))
  if (a == null || b == null) return null
  if (call[1] === 'min') return Math.min(a, b)
  return b === 0 ? null : Math.floor(a / b)
}

/** The symbols of an expression. */
export function symbolsOf(dim: Dim): readonly string[] {
  if (typeof dim !== 'string') return []
  const atoms = [...sumOf(dim).keys()].flatMap((product) => (product === '' ? [] : splitTop(product, '*')))
  return atoms.flatMap((atom) => {
    const call = calls.exec(atom)
    return call === null ? [atom] : partsOf(call).flatMap((part) => symbolsOf(bare(part)))
  })
}

function combine(a: Dim, b: Dim, work: (a: Sum, b: Sum) => Sum): Dim {
  return a === null || b === null ? null : textOfSum(work(sumOf(a), sumOf(b)))
}

function plus(a: Sum, b: Sum, sign: number): Sum {
  const sum = new Map(a)
  for (const [product, factor] of b) sum.set(product, (sum.get(product) ?? 0) + sign * factor)
  return sum
}

function times(a: Sum, b: Sum): Sum {
  const sum = new Map<string, number>()
  for (const [p, f] of a) {
    for (const [q, g] of b) {
      const product = joined([...atomsOf(p), ...atomsOf(q)])
      sum.set(product, (sum.get(product) ?? 0) + f * g)
    }
  }
  return sum
}

/** `a / b` when `b` is one product that divides every part of `a`. */
function quotient(a: Sum, b: Sum): Sum | null {
  const [only, ...others] = [...b].filter(([, factor]) => factor !== 0)
  if (only === undefined || others.length > 0) return null
  const [divisor, by] = only
  const result = new Map<string, number>()
  for (const [product, factor] of a) {
    const atoms = atomsOf(product)
    for (const atom of atomsOf(divisor)) {
      const at = atoms.indexOf(atom)
      if (at < 0) return null
      atoms.splice(at, 1)
    }
    if (factor % by !== 0) return null
    result.set(joined(atoms), factor / by)
  }
  return result
}

const atomsOf = (product: string): string[] => (product === '' ? [] : splitTop(product, '*'))
const joined = (atoms: readonly string[]): string => [...atoms].sort().join('*')

function textOfSum(sum: Sum): Dim {
  const parts = [...sum].filter(([, factor]) => factor !== 0).sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1))
  if (parts.length === 0) return 0
  if (parts.length === 1 && parts[0]?.[0] === '') return parts[0][1]
  let text = ''
  for (const [product, factor] of parts) {
    const size = Math.abs(factor)
    const part = product === '' ? String(size) : size === 1 ? product : `${product}*${size}`
    text += text === '' ? (factor < 0 ? `-${part}` : part) : factor < 0 ? ` - ${part}` : ` + ${part}`
  }
  sums.set(text, new Map(parts))
  return text
}

function sumOf(dim: number | string): Sum {
  if (typeof dim === 'number') return new Map([['', dim]])
  let sum = sums.get(dim)
  if (sum === undefined) {
    sum = parse(dim) ?? new Map([[dim, 1]])
    sums.set(dim, sum)
  }
  return sum
}

/** Reads `a + b*2 - 1`; `null` for anything else, which then is a symbol as it stands. */
function parse(text: string): Sum | null {
  const tokens = tokensOf(text)
  let sum: Sum = new Map()
  let at = 0
  let sign = 1
  if (tokens[0] === '-') {
    sign = -1
    at = 1
  }
  while (at < tokens.length) {
    const [product, next] = parseProduct(tokens, at)
    if (product === null) return null
    sum = plus(sum, product, sign)
    at = next
    if (at === tokens.length) return sum
    if (tokens[at] !== '+' && tokens[at] !== '-') return null
    sign = tokens[at] === '+' ? 1 : -1
    at += 1
  }
  return null
}

/** Symbols, numbers, signs, and calls whole, however deep their parentheses go. */
function tokensOf(text: string): string[] {
  const tokens: string[] = []
  const next = /\s*(?:((?:floor|min)\()|([A-Za-z_][\w.]*|\d+|[+*-]|\S))/y
  while (next.lastIndex < text.length) {
    const from = next.lastIndex
    const found = next.exec(text)
    if (found === null) return tokens
    if (found[1] === undefined) tokens.push(found[2] as string)
    else {
      next.lastIndex = closing(text, next.lastIndex)
      tokens.push(text.slice(from, next.lastIndex).trim())
    }
  }
  return tokens
}

/** The place after the parenthesis that closes one opened before `from`. */
function closing(text: string, from: number): number {
  let depth = 1
  let at = from
  for (; at < text.length && depth > 0; at++) depth += text[at] === '(' ? 1 : text[at] === ')' ? -1 : 0
  return at
}

function parseProduct(tokens: readonly string[], from: number): [Sum | null, number] {
  let product: Sum = new Map([['', 1]])
  let at = from
  for (;;) {
    const token = tokens[at] ?? ''
    if (/^\d+$/.test(token)) product = times(product, new Map([['', Number(token)]]))
    else if (/^([A-Za-z_][\w.]*|(?:floor|min)\(.*\))$/s.test(token)) product = times(product, new Map([[token, 1]]))
    else return [null, at]
    at += 1
    if (tokens[at] !== '*') return [product, at]
    at += 1
  }
}

/** Splits at a character outside of parentheses. */
function splitTop(text: string, at: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth += 1
    else if (text[i] === ')') depth -= 1
    else if (text[i] === at && depth === 0) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  return [...parts, text.slice(start)]
}

const bare = (part: string): Dim => {
  const inner = part.startsWith('(') && part.endsWith(')') ? part.slice(1, -1) : part
  return /^\d+$/.test(inner) ? Number(inner) : inner
}
