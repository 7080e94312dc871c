import { describe, expect, it } from 'vitest'
import type { Inspection } from '../../../core/api/inspection.ts'
import { buildScene } from '../../../renderer/model-view/build-scene.ts'
import { findingsIn, labelPlace } from '../../../renderer/model-view/findings.ts'
import { indexOf } from '../../../renderer/model-view/graph-index.ts'
import { overlaps } from '../../../renderer/model-view/spatial.ts'
import { bertView } from '../bert-view.ts'

const index = indexOf(bertView(1))
const scene = buildScene(index, new Set(index.groups.keys()))
const rows = scene.boxes.flatMap((box) => (box.kind === 'stack' ? box.rows : []))
const refs = rows.flatMap(({ node }) => index.nodes.get(node)?.ref ?? [])

const found = (fusable: Inspection['fusable']) =>
  findingsIn(index, scene, { fusable, nearMisses: [], sensitive: [] } as unknown as Inspection).marks

describe('outlines of what can be fused', () => {
  it('are spelled out once of each kind, and no words stand on others', () => {
    const rules = ['lift-gelu', 'lift-norm-scale', 'lift-norm-shift', 'lift-rms-normalization', 'fuse-scale-into-matmul']
    const marks = found(rules.map((rule) => ({ rule, count: refs.length, instances: refs.map((ref) => ({ nodes: [ref] })) })))
    const spelled = marks.filter((mark) => mark.spelled)
    expect(spelled.length).toBeGreaterThan(1)
    expect(new Set(spelled.map(({ title }) => title)).size).toBe(spelled.length)
    const places = spelled.map(labelPlace)
    for (const [i, place] of places.entries()) for (const other of places.slice(i + 1)) expect(overlaps(place, other)).toBe(false)
  })

  it('say what applying a rule brings', () => {
    const texts = (rule: string, nodes: readonly string[]) => found([{ rule, count: 1, instances: [{ nodes: [...nodes] }] }])[0]?.text
    expect(texts('lift-gelu', refs.slice(0, 1))).toBe('1 node becomes another')
    expect(texts('select-before-product', refs.slice(0, 1))).toBe('only what is read is computed')
  })
})
