import { expect, it } from 'vitest'
import { z } from 'zod'
import { passInfoSchema } from '../../../core/api/pipeline.ts'
import { commandLine, documentOf } from '../../support/run-cli.ts'

const { lathe } = commandLine()

it('passes lists what a pipeline can be made of, with the schema of each option', async () => {
  const ended = await lathe('passes', '--json')
  expect(ended.status).toBe(0)
  const passes = z.array(passInfoSchema).parse(documentOf(ended))
  const dynamic = passes.find(({ id }) => id === 'quantize-dynamic')
  expect(dynamic).toMatchObject({
    family: 'precision',
    fidelity: 'lossy',
    options: { properties: { perChannel: { type: 'boolean', default: true } } },
  })
  const text = (await lathe('passes')).stdout
  for (const { id } of passes) expect(text).toMatch(new RegExp(`^${id}  `, 'm'))
  expect(text).toMatch(/^ +perChannel +boolean = true /m)
})
