import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { schemaFiles } from '../../scripts/schemas.ts'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'schemas')

it('docs/schemas is what the zod schemas say; `npm run schemas` writes it', () => {
  const committed = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  expect(committed).toEqual(schemaFiles())
})
