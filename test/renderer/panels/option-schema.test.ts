import { expect, it } from 'vitest'
import { z } from 'zod'
import { choicesOf, kindsOf, type OptionSchema, withoutNull } from '../../../renderer/panels/inspector/option-schema.ts'

const schemaOf = (type: z.ZodType) => z.toJSONSchema(type, { io: 'input' }) as OptionSchema

it('takes null apart from what an option may be else', () => {
  const number = withoutNull(schemaOf(z.int().min(7).nullable().default(23).describe('The newest.')))
  expect(number).toMatchObject({ nullable: true, schema: { type: 'integer', minimum: 7, default: 23, description: 'The newest.' } })
  const width = withoutNull(schemaOf(z.union([z.literal(2), z.literal(4)]).nullable()))
  expect([width.nullable, choicesOf(width.schema)]).toEqual([true, [2, 4]])
  expect(withoutNull({ type: ['number', 'null'] })).toMatchObject({ nullable: true, schema: { type: 'number' } })
  expect(withoutNull(schemaOf(z.number())).nullable).toBe(false)
})

it('knows one of several named numbers', () => {
  const budget = z.union([z.strictObject({ points: z.number().min(0) }), z.strictObject({ decibels: z.number() })])
  expect(kindsOf(schemaOf(budget))!.map(({ name, schema }) => [name, schema.minimum])).toEqual([
    ['points', 0],
    ['decibels', undefined],
  ])
  expect(kindsOf(schemaOf(z.union([z.literal(2), z.literal(4)])))).toBeNull()
  expect(kindsOf(schemaOf(z.union([z.strictObject({ points: z.number() }), z.string()])))).toBeNull()
})
