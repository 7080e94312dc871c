import { stripVTControlCharacters, styleText } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pairs, shorten, table } from '../../../../core/cli/terminal/table.ts'

describe('table', () => {
  it('lines up names to the left and figures to the right, under a rule', () => {
    const text = table(
      [{ title: 'layer' }, { title: 'ms', align: 'right' }],
      [
        ['conv1', '0.120'],
        ['fc', '12.3'],
      ],
    )
    expect(text).toBe(['layer     ms', '─────  ─────', 'conv1  0.120', 'fc      12.3'].join('\n'))
  })

  it('counts what is seen, not the colour codes', () => {
    const red = styleText('red', 'worse')
    const [, , first, second] = table(
      [{ title: '' }, { title: 'x' }],
      [
        [red, '1'],
        ['better', '2'],
      ],
    ).split('\n')
    expect(stripVTControlCharacters(first!).indexOf('1')).toBe(second!.indexOf('2'))
  })

  it('leaves no blanks at line ends', () => {
    expect(
      table(
        [{ title: 'a' }, { title: 'b' }],
        [
          ['x', ''],
          ['longer', 'y'],
        ],
      ),
    ).not.toMatch(/ $/m)
  })

  it('cuts the middle of long names to exactly the width asked for', () => {
    expect(shorten('/bert/encoder/layer.0/attention/output', 15)).toBe('/bert/e…/output')
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 2, max: 40 }), (name, most) => {
        const plain = stripVTControlCharacters(name)
        expect([...shorten(plain, most)].length).toBe(Math.min([...plain].length, most))
      }),
      { seed: 20261 },
    )
  })
})

it('pairs line up their values', () => {
  expect(
    pairs([
      ['nodes', '137'],
      ['in', 'x'],
    ]),
  ).toBe('nodes  137\nin     x')
})
