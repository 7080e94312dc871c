import { describe, expect, it } from 'vitest'
import { openData } from '../../../core/data/open.ts'
import { feedsOf } from '../../../core/data/samples.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'

const { write, store } = await dataFolder()
const { graph } = modelOf('(x: float32[batch, 2], n: int64[batch, 1]) -> (y: float32[batch, 2])\nc = Cast(n) {to: 1}\ny = Mul(x, c)')

async function open(csv: string, changes: object = {}, options: object = {}) {
  await write('eval.csv', csv)
  const document = {
    ...{ lathe: 1, kind: 'table', evaluation: { file: 'eval.csv', labels: 'species' }, metric: { kind: 'accuracy' } },
    ...{ columns: { x: ['width', 'height'], n: ['count'] }, ...changes },
  }
  return openData({ manifest: await write('dataset.json', document), graph, store, halve: false, ...options })
}

const csv = 'width,height,count,species\n1.5,2,3,"b, x"\n4,-5e-1,6,a\n'

describe('a table', () => {
  it('becomes inputs of the types that the model takes, and labels', async () => {
    const { evaluation } = await open(csv)
    const { x, n } = await feedsOf(evaluation!.table, 0, 2)
    expect(x?.dims).toEqual([2, 2])
    expect([...new Float32Array(x!.data.slice().buffer)]).toEqual([1.5, 2, 4, -0.5])
    expect(n).toMatchObject({ dtype: 'int64', dims: [2, 1] })
    expect([...(evaluation?.labels?.values ?? [])]).toEqual([1, 0])
  })

  it('numbers names as the manifest lists them, and leaves numbers as they are unless all are names', async () => {
    const labels = async (column: string, classes: string[]) => [
      ...((
        await open(
          `width,height,count,species\n${column
            .split(' ')
            .map((name) => `1,2,3,${name}\n`)
            .join('')}`,
          { classes },
        )
      ).evaluation?.labels?.values ?? []),
    ]
    expect(await labels('b c', ['c', 'a', 'b'])).toEqual([2, 0])
    expect(await labels('2 1', ['ant', 'bee', 'cow'])).toEqual([2, 1])
    expect(await labels('30 10', ['10', '20', '30'])).toEqual([2, 0])
    expect(await problemIn(labels('b d', ['a', 'b']))).toMatchObject({ code: 'unknown-class', what: expect.stringMatching(/'d'/) })
  })

  it('sorts names as tools do that number classes for training, and numbers by their size', async () => {
    const labels = async (text: string) => [...((await open(text)).evaluation?.labels?.values ?? [])]
    expect(await labels('width,height,count,species\n1,2,3,b\n1,2,3,Z\n1,2,3,a9\n1,2,3,a10\n')).toEqual([3, 0, 2, 1])
  })

  it('ends lines in either way, also in one file', async () => {
    const { evaluation } = await open('width,height,count,species\r\n1,2,3,a\r\n4,5,6,b\n7,8,9,"a"\n')
    expect([...(evaluation?.labels?.values ?? [])]).toEqual([0, 1, 0])
  })

  it('names rows that are no numbers, or skips them', async () => {
    const broken = `${csv}7,wide,8,a\n`
    expect((await problemIn(open(broken))).what).toMatch(/Sample 2 is broken: column 'height' holds "wide", not a number/)
    expect((await open(broken, {}, { skipBroken: true })).evaluation?.table.count).toBe(2)
  })

  it('names rows of more or fewer fields, without a label, or with fractions where whole numbers are wanted', async () => {
    const broken = `${csv}7,8\n1,2,3,\n1,2,3.5,a\n1,2,3,a\n`
    expect((await problemIn(open(broken))).what).toMatch(/Sample 2 is broken: line 4 has 2 fields, the header names 4/)
    expect((await problemIn(open('width,height,count,species\n1,2,3.5,a\n'))).what).toMatch(
      /Sample 0 is broken: column 'count' holds 3.5, the model takes whole numbers \(int64\)/,
    )
    const { evaluation, notes } = await open(broken, {}, { skipBroken: true })
    expect([...(evaluation?.labels?.values ?? [])]).toEqual([1, 0, 0])
    expect(notes.join()).toMatch(/3 broken samples were left out: 2, 3, 4/)
  })

  it('names rows whose lists are of other lengths than the first', async () => {
    const list = modelOf('(x: float32[batch, n]) -> (y: float32[batch, n])\ny = Relu(x)').graph
    await write('lists.jsonl', '{"x": [1, 2]}\n{"x": [1, 2, 3]}\n{"x": [3, 4]}\n')
    const document = { lathe: 1, kind: 'table', evaluation: { file: 'lists.jsonl' }, metric: { kind: 'sqnr' }, columns: { x: ['x'] } }
    const request = { manifest: await write('lists.json', document), graph: list, store, halve: false }
    expect((await problemIn(openData(request))).what).toMatch(/Sample 1 is broken: it has 3 numbers for input 'x', the first has 2/)
    expect((await openData({ ...request, skipBroken: true })).evaluation?.table.count).toBe(2)
  })

  it('wants one name for a column', async () => {
    expect(await problemIn(open('width,height,count,count\n1,2,3,a\n'))).toMatchObject({
      code: 'bad-table',
      what: "Two columns are called 'count'",
    })
  })

  it('tells of columns and inputs that do not exist', async () => {
    expect(await problemIn(open(csv, { columns: { x: ['width', 'depth'] } }))).toMatchObject({
      code: 'missing-column',
      mend: expect.stringContaining('width, height'),
    })
    expect(await problemIn(open(csv, { columns: { z: ['width'] } }))).toMatchObject({ code: 'no-such-input', where: { path: 'columns.z' } })
  })

  it('tells of files that are no tables', async () => {
    await write('x.parquet', 'PAR0')
    expect(await problemIn(open(csv, { evaluation: { file: 'x.parquet' } }))).toMatchObject({ code: 'bad-table' })
    await write('x.xls', 'x')
    expect(await problemIn(open(csv, { evaluation: { file: 'x.xls' } }))).toMatchObject({ code: 'unknown-table' })
    expect(await problemIn(open('width,height,count,species\n'))).toMatchObject({ code: 'no-samples' })
  })
})
