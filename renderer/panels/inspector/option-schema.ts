/** As much of JSON schema as option schemas use. */
export interface OptionSchema {
  readonly title?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly (string | number)[]
  readonly const?: unknown
  readonly anyOf?: readonly OptionSchema[]
  readonly properties?: Readonly<Record<string, OptionSchema>>
  readonly items?: OptionSchema
  readonly default?: unknown
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}

/** What an option may be besides `null`, and whether it may be `null`. */
export function withoutNull(schema: OptionSchema): { readonly schema: OptionSchema; readonly nullable: boolean } {
  const { type, anyOf } = schema
  if (Array.isArray(type) && type.includes('null')) {
    const [only, ...more] = type.filter((one) => one !== 'null')
    return more.length === 0 ? { schema: { ...schema, type: only }, nullable: true } : { schema, nullable: true }
  }
  const [only, ...more] = anyOf?.filter((one) => one.type !== 'null') ?? []
  if (!anyOf || !only || more.length + 1 === anyOf.length || more.length > 0) return { schema, nullable: false }
  const { anyOf: _both, ...own } = schema
  return { schema: { ...own, ...only, description: schema.description }, nullable: true }
}

/** The values of an option that has but few. */
export function choicesOf({ enum: choices, anyOf }: OptionSchema): readonly (string | number)[] | null {
  if (choices) return choices
  const constants = anyOf?.map(({ const: constant }) => constant)
  return constants?.every((one) => typeof one === 'string' || typeof one === 'number') ? (constants as (string | number)[]) : null
}

/** Of an option that is one of several named numbers, `{ points: 0.5 }` or `{ decibels: 30 }`: their names and schemas. */
export function kindsOf({ anyOf }: OptionSchema): readonly { readonly name: string; readonly schema: OptionSchema }[] | null {
  const kinds = anyOf?.flatMap(({ type, properties }) => {
    const [only, ...more] = Object.entries(properties ?? {})
    return type === 'object' && only && more.length === 0 && only[1].type === 'number' ? [{ name: only[0], schema: only[1] }] : []
  })
  return kinds && kinds.length > 1 && kinds.length === anyOf!.length ? kinds : null
}

/** `perChannel` reads as `per channel`. */
export const titleOf = (name: string) => name.replace(/([a-z])([A-Z])/g, (_all, a: string, b: string) => `${a} ${b.toLowerCase()}`)
