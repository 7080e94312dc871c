import { parseArgs } from 'node:util'
import { suggestion } from '../api/nearest.ts'
import { usageError } from './usage.ts'

/** One option of a command. A flag has no `value`. */
export interface Option {
  readonly name: string
  /** Placeholder of the value in the help: `FILE`. */
  readonly value?: string
  readonly summary: string
  readonly many?: boolean
}

/** What a command takes: positional arguments by name (`MODEL`, `[MODEL...]`) and options. */
export interface Grammar {
  readonly name: string
  readonly summary: string
  readonly positionals: readonly string[]
  readonly options: readonly Option[]
}

/** What was typed, checked against a grammar. */
export interface Arguments {
  readonly positionals: readonly string[]
  flag(name: string): boolean
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  /** @throws ProblemError of kind `usage` when the option is not a whole number of at least `least`. */
  integer(name: string, least?: number): number | undefined
  /** A comma-separated list of whole numbers of at least 1: `1,2,4`. */
  integers(name: string): readonly number[] | undefined
  /** @throws ProblemError of kind `usage` when the option is missing. */
  required(name: string): string
}

/** Every command has these. */
const everywhere: readonly Option[] = [
  { name: 'json', summary: 'print exactly one JSON document on standard output' },
  { name: 'help', summary: 'explain the command' },
]

/** @throws ProblemError of kind `usage`, with the nearest names, for what the grammar does not have. */
export function parse(grammar: Grammar, typed: readonly string[]): Arguments {
  const options = [...grammar.options, ...everywhere]
  const { tokens } = parseArgs({ args: [...typed], options: spelling(options), allowPositionals: true, strict: false, tokens: true })
  const values = new Map<string, string[]>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const option = known(options, token.name, token.rawName, grammar)
    const value = givenValue(option, token)
    if (values.has(option.name) && option.value && !option.many) throw twice(option)
    values.set(option.name, [...(values.get(option.name) ?? []), value])
  }
  if (!values.has('help')) checkPositionals(grammar, positionals)
  return reader(grammar, positionals, values)
}

function spelling(options: readonly Option[]): Record<string, { type: 'string' | 'boolean'; multiple: true; short?: string }> {
  return Object.fromEntries(
    options.map(({ name, value }) => [
      name,
      { type: value ? ('string' as const) : ('boolean' as const), multiple: true as const, ...(name === 'help' ? { short: 'h' } : {}) },
    ]),
  )
}

function known(options: readonly Option[], name: string, typed: string, grammar: Grammar): Option {
  const option = options.find((candidate) => candidate.name === name)
  if (option) return option
  const names = options.map((candidate) => `--${candidate.name}`)
  throw usageError('unknown-option', `${grammar.name} has no option ${typed}`, suggestion(`--${name}`, names))
}

function givenValue(option: Option, { value, inlineValue }: { value: string | undefined; inlineValue: boolean | undefined }): string {
  // `--pipeline --json`: the next option is not the value of this one.
  const swallowed = inlineValue === false && value?.startsWith('--')
  if (option.value && (value === undefined || value === '' || swallowed)) {
    throw usageError('missing-value', `--${option.name} needs a value`, `Write --${option.name} ${option.value}.`)
  }
  if (!option.value && value !== undefined) {
    throw usageError('needless-value', `--${option.name} takes no value`, `Write --${option.name} alone, or leave it out.`)
  }
  return value ?? ''
}

function twice(option: Option): Error {
  return usageError('given-twice', `--${option.name} is given twice`, 'Give it once.')
}

function checkPositionals(grammar: Grammar, given: readonly string[]): void {
  const needed = grammar.positionals.filter((name) => !name.startsWith('['))
  const open = grammar.positionals.some((name) => name.endsWith('...]'))
  const missing = needed[given.length]
  if (missing) throw usageError('missing-argument', `${grammar.name} needs ${missing}`, `Write: ${usageLine(grammar)}`)
  const extra = open ? undefined : given[grammar.positionals.length]
  if (extra !== undefined) throw usageError('extra-argument', `${grammar.name} does not take "${extra}"`, `Write: ${usageLine(grammar)}`)
}

function reader(grammar: Grammar, positionals: readonly string[], values: ReadonlyMap<string, readonly string[]>): Arguments {
  const text = (name: string) => values.get(name)?.at(-1)
  return {
    positionals,
    flag: (name) => values.has(name),
    text,
    texts: (name) => values.get(name) ?? [],
    integer: (name, least = 1) => {
      const value = text(name)
      return value === undefined ? undefined : wholeNumber(name, value, least)
    },
    integers: (name) =>
      text(name)
        ?.split(',')
        .map((part) => wholeNumber(name, part.trim(), 1)),
    required(name) {
      const value = text(name)
      if (value === undefined) throw usageError('missing-option', `${grammar.name} needs --${name}`, `Write: ${usageLine(grammar)}`)
      return value
    },
  }
}

function wholeNumber(name: string, value: string, least: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (Number.isSafeInteger(number) && number >= least) return number
  throw usageError('bad-number', `--${name} is "${value}"`, `Give a whole number of at least ${least}.`)
}

/** `lathe run MODEL [options]` */
export function usageLine(grammar: Grammar): string {
  return ['lathe', grammar.name, ...grammar.positionals, '[options]'].join(' ')
}

/** The text of `--help` for one command. */
export function helpOf(grammar: Grammar): string {
  const rows = [...grammar.options, ...everywhere].map(
    ({ name, value, summary }) => [`--${name}${value ? ` ${value}` : ''}`, summary] as const,
  )
  const widest = Math.max(...rows.map(([left]) => left.length))
  const options = rows.map(([left, right]) => `  ${left.padEnd(widest)}  ${right}`)
  return [`${usageLine(grammar)}`, '', `${grammar.summary}.`, '', 'Options:', ...options].join('\n')
}
