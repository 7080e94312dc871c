import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Reach } from '../../../core/web/reach.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'lathe-reach-')))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const at = (...names: string[]) => join(root, ...names)
const folder = at('granted')
for (const name of ['granted/inner', 'granted-not', 'elsewhere']) mkdirSync(at(name), { recursive: true })
for (const name of ['granted/a.onnx', 'granted/inner/b.onnx', 'granted-not/c.onnx', 'elsewhere/d.onnx', 'single.onnx', 'single.onnx.data'])
  writeFileSync(at(name), name)
symlinkSync(at('elsewhere'), at('granted', 'link'))
symlinkSync(at('elsewhere', 'd.onnx'), at('granted', 'link.onnx'))
symlinkSync(at('elsewhere', 'absent.onnx'), at('granted', 'dangling.onnx'))
symlinkSync(folder, at('way-in'))

const reach = new Reach({ read: [folder, at('single.onnx')], write: [folder] })
const refusal = (work: () => unknown) => {
  try {
    return `allowed: ${work()}`
  } catch (error) {
    return (error as { problem: { code: string } }).problem.code
  }
}

describe('a granted folder', () => {
  it('is read and written with everything below it, also what is not there yet', () => {
    expect(reach.reading(at('granted/a.onnx'))).toBe(at('granted/a.onnx'))
    expect(reach.reading(at('granted/inner/../inner/b.onnx'))).toBe(at('granted/inner/b.onnx'))
    expect(reach.writing(at('granted/new/deep/out.onnx'))).toBe(at('granted/new/deep/out.onnx'))
    expect(reach.reads(at('granted/absent.onnx'))).toBe(true)
  })

  it.each([
    ['the folder above', `${folder}/../elsewhere/d.onnx`],
    ['a folder whose name begins the same', at('granted-not/c.onnx')],
    ['an absolute path', '/etc/passwd'],
    ['a relative path', 'granted/a.onnx'],
    ['a relative way up', '../../../../etc/passwd'],
    ['the empty path', ''],
    ['a link to a folder outside', at('granted/link/d.onnx')],
    ['a link to a file outside', at('granted/link.onnx')],
    ['a link that leads nowhere yet', at('granted/dangling.onnx')],
    ['a new file behind a link', at('granted/link/new.onnx')],
    ['a byte that ends C strings', `${folder}/a.onnx\0.png`],
    ['an address', `file://${folder}/a.onnx`],
    ['a path of Windows', 'C:\\Windows\\win.ini'],
    ['a path of a Windows share', '\\\\server\\share\\a.onnx'],
  ])('does not open %s', (_what, path) => {
    expect([refusal(() => reach.reading(path)), refusal(() => reach.writing(path))]).toEqual(['path-not-allowed', 'path-not-allowed'])
  })

  it('hands on the path that was checked: the file system would follow a link before the way up behind it', () => {
    expect(reach.reading(`${folder}/link/../elsewhere/d.onnx`)).toBe(at('granted/elsewhere/d.onnx'))
  })

  it('takes an encoded way up and a separator of Windows for the names that they are here', () => {
    expect(reach.reading(`${folder}/%2e%2e/elsewhere`)).toBe(`${folder}/%2e%2e/elsewhere`)
    if (process.platform !== 'win32') expect(reach.reading(`${folder}/..\\elsewhere`)).toBe(`${folder}/..\\elsewhere`)
  })

  it('may be reached through a link that the user gave', () => {
    const through = new Reach({ read: [at('way-in')], write: [] })
    expect(through.reading(at('way-in/a.onnx'))).toBe(at('way-in/a.onnx'))
    expect(refusal(() => through.reading(at('way-in/link.onnx')))).toBe('path-not-allowed')
  })
})

describe('a granted file', () => {
  it('is read alone, and not written', () => {
    expect(reach.reading(at('single.onnx'))).toBe(at('single.onnx'))
    expect(refusal(() => reach.reading(at('single.onnx.data')))).toBe('path-not-allowed')
    expect(refusal(() => reach.writing(at('single.onnx')))).toBe('path-not-allowed')
  })
})
