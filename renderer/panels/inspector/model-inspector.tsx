import { type ReactNode, useState } from 'react'
import { useStore } from 'zustand'
import type { Inspection } from '../../../core/api/inspection.ts'
import type { VersionRequest } from '../../../core/api/requests.ts'
import { goTo } from '../../model-view/model-tools.tsx'
import { ruleTitle } from '../../model-view/rule-title.ts'
import { viewStore } from '../../model-view/view-store.ts'
import { useInspection } from '../../resources/views.ts'
import { Loading } from '../../ui/empty.tsx'
import { count, plain } from '../../ui/figures.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { Num } from '../../ui/number.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { Section } from '../../ui/section.tsx'
import { sameSaid } from './same-said.ts'

/** The model as a whole: borders, structure, what can be done to it. */
export function ModelInspector({ version }: { version: VersionRequest | null }) {
  const inspection = useInspection(version)
  if (inspection.state === 'idle' && version) return <Loading what="Reading the model…" />
  if (inspection.state === 'idle') return <p className="insp-head t2">Select a card, a group or a node to see what it is.</p>
  if (inspection.state === 'loading') return <Loading what="Reading the model…" />
  if (inspection.state === 'failed') return <ProblemNote problem={inspection.problem} onRetry={inspection.retry} />
  const { model, ops, structure, warnings } = inspection.value
  return (
    <>
      <div className="insp-head">
        <div className="line">
          <h2>Model</h2>
          <span className="t3 sm">{model.producer}</span>
        </div>
        <p className="mono t2 ell" title={model.path}>
          {model.path.split(/[/\\]/).at(-1)}
        </p>
        {warnings.map((warning) => (
          <p key={warning} className="caution sm">
            {warning}
          </p>
        ))}
      </div>
      <Section title="Facts">
        <dl className="kv">
          <dt>Parameters</dt>
          <dd>
            <Num figure={count(model.parameters)} />
          </dd>
          <dt>Nodes</dt>
          <dd>{model.nodesDeep > model.nodes ? `${plain(model.nodes)}, ${plain(model.nodesDeep)} with subgraphs` : plain(model.nodes)}</dd>
          <dt>Opsets</dt>
          <dd>
            {Object.entries(model.opsets)
              .map(([domain, version]) => `${domain || 'onnx'} ${version}`)
              .join(', ')}
          </dd>
          {structure.blocks.map(({ name, count: times }) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>Repeats</dt>
              <dd>
                {times} × {name}
              </dd>
            </div>
          ))}
        </dl>
      </Section>
      <Border title="Inputs" values={model.inputs} />
      <Border title="Outputs" values={model.outputs} />
      <Chances inspection={inspection.value} />
      <Section title="Operators" note={Object.keys(ops).length}>
        <dl className="kv" style={{ gridTemplateColumns: 'minmax(0,1fr) auto' }}>
          {Object.entries(ops)
            .sort((a, b) => b[1] - a[1])
            .map(([name, times]) => (
              <div key={name} style={{ display: 'contents' }}>
                <dt className="ell">{name}</dt>
                <dd>{plain(times)}</dd>
              </div>
            ))}
        </dl>
      </Section>
    </>
  )
}

function Border({ title, values }: { title: string; values: Inspection['model']['inputs'] }) {
  return (
    <Section title={title} note={values.length}>
      <div className="io">
        {values.map(({ name, dtype, shape }) => (
          <p key={name}>
            <span className="mono ell" title={name}>
              {name}
            </span>
            <span className="mono t2 ell" title={typeText(dtype, shape)}>
              {typeText(dtype, shape)}
            </span>
          </p>
        ))}
      </div>
    </Section>
  )
}

const typeText = (dtype: string, shape: Inspection['model']['inputs'][number]['shape']): string =>
  shape ? `${dtype} [${shape.map((size) => size ?? '?').join(', ')}]` : dtype

/** What can be fused, what nearly, and what is sensitive; a click goes there. */
function Chances({ inspection: { fusable, nearMisses, sensitive, layers } }: { inspection: Inspection }) {
  const nameOf = (id: string) => layers.find((layer) => layer.id === id)?.name ?? id
  const index = useStore(viewStore, ({ index }) => index)
  const show = (ref: string | undefined) => {
    const node = [...(index?.nodes.values() ?? [])].find((one) => one.ref === ref || one.layer === ref)
    if (node) goTo(node.id)
  }
  return (
    <>
      {fusable.length > 0 && (
        <Section title="Can fuse" note={fusable.reduce((sum, { count: times }) => sum + times, 0)}>
          <table className="met">
            <tbody>
              {fusable.map(({ rule, count: times, instances }) => (
                <tr key={rule}>
                  <td style={{ textAlign: 'left' }}>
                    <button type="button" className="fused" title={rule} onClick={() => show(instances[0]?.nodes[0])}>
                      <Glyph name="fused" /> {ruleTitle(rule)}
                    </button>
                  </td>
                  <td>{times} ×</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      {nearMisses.length > 0 && (
        <Section title="Near-misses" note={nearMisses.length}>
          <FirstOf
            rows={sameSaid(nearMisses).map(({ said: { rule, reason, at }, times }) => (
              <li key={`${rule}${at}${reason}`}>
                <button type="button" className="btn link sm" title={rule} onClick={() => show(at)}>
                  {ruleTitle(rule)}
                </button>{' '}
                {reason}
                {times > 1 && <span className="t3"> {times} ×</span>}
              </li>
            ))}
          />
        </Section>
      )}
      {sensitive.length > 0 && (
        <Section title="Sensitive" note={sensitive.length}>
          <FirstOf
            rows={sensitive.map(({ layer, reason }) => (
              <li key={`${layer} ${reason}`}>
                <button type="button" className="btn link sm" onClick={() => show(layer)}>
                  {nameOf(layer)}
                </button>{' '}
                {reason}
              </li>
            ))}
          />
        </Section>
      )}
    </>
  )
}

const first = 8

/** The first of many, and the others when one asks for them. */
function FirstOf({ rows }: { rows: readonly ReactNode[] }) {
  const [all, setAll] = useState(false)
  return (
    <>
      <ul className="notes">{all ? rows : rows.slice(0, first)}</ul>
      {rows.length > first && (
        <button type="button" className="btn link sm" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? `The first ${first} only` : `List all ${rows.length}`}
        </button>
      )}
    </>
  )
}
