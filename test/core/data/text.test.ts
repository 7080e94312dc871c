import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openData } from '../../../core/data/open.ts'
import { feedsOf } from '../../../core/data/samples.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'

const { path, write, store } = await dataFolder()
const bundled = 'samples/text-bert'
const { graph } =
  modelOf(`(input_ids: int64[batch, sequence], attention_mask: int64[batch, sequence], token_type_ids: int64[batch, sequence]) -> (logits: int64[batch, sequence])
a = Add(input_ids, attention_mask)
logits = Add(a, token_type_ids)`)

const manifest = (changes: object = {}) => ({
  lathe: 1,
  kind: 'text',
  evaluation: { file: 'eval.csv', labels: 'label' },
  metric: { kind: 'accuracy' },
  tokenizer: 'tokenizer.json',
  maxLength: 32,
  ...changes,
})

async function open(changes: object = {}, options: object = {}) {
  await cp(join(bundled, 'tokenizer.json'), join(path, 'tokenizer.json'))
  return openData({ manifest: await write('dataset.json', manifest(changes)), graph, store, halve: false, ...options })
}

describe.skipIf(!existsSync(join(bundled, 'eval.npz')))('questions as text', () => {
  it('become exactly the ids that the model was judged by', async () => {
    await cp(join(bundled, 'eval.csv'), join(path, 'eval.csv'))
    const text = await open()
    const arrays = await openData({ manifest: join(bundled, 'dataset.json'), graph, store, halve: false })
    const count = 1000
    const [fromText, fromArrays] = await Promise.all([
      feedsOf(text.evaluation!.table, 0, count),
      feedsOf(arrays.evaluation!.table, 0, count),
    ])
    for (const name of ['input_ids', 'attention_mask', 'token_type_ids']) {
      expect(fromText[name]?.dims).toEqual([count, 32])
      expect(Buffer.compare(fromText[name]!.data, fromArrays[name]!.data), name).toBe(0)
    }
    expect(text.evaluation?.labels?.values).toEqual(arrays.evaluation?.labels?.values)
    expect(text.preparationMs).toBeGreaterThan(0)
  })

  it('are cut between the marks at both ends', async () => {
    await write('long.txt', `${'card '.repeat(50)}\nwhat is this\n`)
    const { evaluation } = await open({ evaluation: { file: 'long.txt' }, maxLength: 6, metric: { kind: 'sqnr' } })
    const { input_ids } = await feedsOf(evaluation!.table, 0, 2)
    const ids = [...new BigInt64Array(input_ids!.data.slice().buffer)].map(Number)
    expect([ids[0], ids[5]]).toEqual([2, 3])
    expect(new Set(ids.slice(1, 5)).size).toBe(1)
    expect(ids.slice(6)).toEqual([2, expect.any(Number), expect.any(Number), expect.any(Number), 3, 0])
  })

  it('are padded to the longest, or not at all when all are equal', async () => {
    await write('lines.txt', 'what\nwhat is this\n')
    const longest = await open({ evaluation: { file: 'lines.txt' }, padding: 'longest', metric: { kind: 'sqnr' } })
    expect(longest.evaluation?.table.inputs[0]?.dims).toEqual([5])
    expect(await problemIn(open({ evaluation: { file: 'lines.txt' }, padding: 'none', metric: { kind: 'sqnr' } }))).toMatchObject({
      code: 'lengths-differ',
    })
  })

  it('that are broken are named, or counted when they are to be skipped', async () => {
    await write('some.jsonl', '{"text": "what", "label": 1}\n{"text": 5, "label": 2}\n{"text": "this", "label": 3}\n')
    const changes = { evaluation: { file: 'some.jsonl', labels: 'label' } }
    expect((await problemIn(open(changes))).what).toMatch(/Sample 1 is broken: column 'text' holds no text/)
    const skipped = await open(changes, { skipBroken: true })
    expect([...(skipped.evaluation?.labels?.values ?? [])]).toEqual([1, 3])
    expect(skipped.notes.join()).toMatch(/1 broken sample was left out: 1/)
  })

  it('that cannot be read are broken samples, too, in their own place', async () => {
    await write(
      'lines.jsonl',
      '{"text": "what", "label": 1}\n\n{"text": "is\nnull\n{"text": "this", "label": null}\n{"label": 2}\n{"text": "it", "label": 3}\n',
    )
    const changes = { evaluation: { file: 'lines.jsonl', labels: 'label' } }
    expect(await problemIn(open(changes))).toMatchObject({
      code: 'broken-sample',
      what: expect.stringMatching(/^Sample 1 .*line 3 is not JSON/),
    })
    const skipped = await open(changes, { skipBroken: true })
    expect([...(skipped.evaluation?.labels?.values ?? [])]).toEqual([1, 3])
    expect(skipped.notes.join()).toMatch(/4 broken samples were left out: 1, 2, 3, 4/)
    await write('ragged.csv', 'text,label\nwhat,5\nwhat, is this,6\nthis\nit,\nit,7\n')
    const ragged = { evaluation: { file: 'ragged.csv', labels: 'label' } }
    expect((await problemIn(open(ragged))).what).toMatch(/Sample 1 is broken: line 3 has 3 fields, the header names 2/)
    const sound = await open(ragged, { skipBroken: true })
    expect([...(sound.evaluation?.labels?.values ?? [])]).toEqual([5, 7])
    expect(sound.notes.join()).toMatch(/3 broken samples were left out: 1, 2, 3/)
  })

  it('keep the numbers of classes whose rows are left out', async () => {
    await write('named.csv', 'text,label\nwhat,ant\n,bee\nwhat,cow\n')
    const { evaluation } = await open({ evaluation: { file: 'named.csv', labels: 'label' } }, { skipBroken: true })
    expect([...(evaluation?.labels?.values ?? [])]).toEqual([0, 2])
  })

  it('of which none is sound are no dataset', async () => {
    await write('none.jsonl', 'x\ny\n')
    const changes = { evaluation: { file: 'none.jsonl' }, metric: { kind: 'sqnr' }, padding: 'longest' }
    expect(await problemIn(open(changes, { skipBroken: true }))).toMatchObject({
      code: 'no-samples',
      what: 'None of the 2 evaluation samples can be used',
    })
  })

  it('need a tokenizer and the columns that are named', async () => {
    await write('eval2.csv', 'text,label\nhello,1\n')
    const changes = { evaluation: { file: 'eval2.csv', labels: 'lable' } }
    expect(await problemIn(open(changes))).toMatchObject({ code: 'missing-column', mend: 'Name one of text, label.' })
    await write('odd.json', { model: { type: 'Nonsense', vocab: {} } })
    expect(await problemIn(open({ evaluation: { file: 'eval2.csv', labels: 'label' }, tokenizer: 'odd.json' }))).toMatchObject({
      ...{ code: 'bad-tokenizer', what: expect.stringContaining("its algorithm 'Nonsense' is none of BPE") },
    })
    await write('bad.json', '{}')
    expect(await problemIn(open({ evaluation: { file: 'eval2.csv', labels: 'label' }, tokenizer: 'bad.json' }))).toMatchObject({
      code: 'bad-tokenizer',
    })
  })
})
