import { Handle, type NodeProps, Position, useStoreApi } from '@xyflow/react'
import { type CSSProperties, memo, type RefObject, useEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { goInto, isSelected, select, sessionStore, toggleSelected } from '../stores/session.ts'
import { bytes } from '../ui/figures.ts'
import { Glyph } from '../ui/glyph.tsx'
import { Icon } from '../ui/icon.tsx'
import { Num } from '../ui/number.tsx'
import { mainPaint, mainSign, type Paint, useColour } from './colours.ts'
import type { OpClass } from './op-class.ts'
import { toggleGroup } from './open-groups.ts'
import { pileName } from './pile-name.ts'
import type { Box, Row } from './scene.ts'
import type { BoxNode, MarkNode } from './to-flow.ts'
import { viewStore } from './view-store.ts'

type BoxOf<Kind extends Box['kind']> = Extract<Box, { kind: Kind }>
const boxIn = <Kind extends Box['kind']>(props: NodeProps<BoxNode>, _kind: Kind) => props.data.box as BoxOf<Kind>

const toggle = (id: string) => {
  const { index } = viewStore.getState()
  if (index) toggleGroup(id, index)
}

const classColours = (name: OpClass): CSSProperties =>
  ({ '--bar': `var(--op-${name})`, '--tint': `var(--op-${name}-tint)` }) as CSSProperties

const paintColours = ({ bar, tint }: Paint): CSSProperties => ({ '--bar': bar, '--tint': tint }) as CSSProperties

export const StackBox = memo(function StackBox(props: NodeProps<BoxNode>) {
  const { rows, loops, width, height } = boxIn(props, 'stack')
  return (
    <div className="stack" style={{ width: loops.length > 0 ? width - 12 : width, height }}>
      {rows.map((row) => (
        <RowLine key={row.node} row={row} />
      ))}
      {loops.length > 0 && (
        <svg className="loops" width={16} height={height} aria-hidden="true">
          {loops.map(({ from, to }, lane) => (
            <g key={`${from}-${to}`}>
              <path className="e" d={`M0 ${from * 17 + 8.5}h${6 + lane * 3}q4 0 4 4V${to * 17 + 4.5}q0 4 -4 4H4`} />
              <path className="a" d={`M0 ${to * 17 + 8.5}l5 -2.6v5.2z`} />
            </g>
          ))}
        </svg>
      )}
    </div>
  )
})

/** `axis -1` is an attribute, `128x128` or `0.5` a constant that the node reads. */
const isAttribute = (detail: string) => /^[a-z]/i.test(detail)

function RowLine({ row }: { row: Row }) {
  const chosen = useStore(sessionStore, ({ selection }) => isSelected(selection, row.node))
  const compared = useColour(({ signs }) => signs !== null)
  const sensitive = useStore(viewStore, ({ findings }) => !compared && findings.sensitive.has(row.node))
  const found = useStore(viewStore, ({ matches }) => matches.length > 0 && matches.includes(row.node))
  const paint = useColour(({ paint }) => paint?.get(row.node))
  const sign = useColour(({ signs }) => signs?.get(row.node))
  const lit = useColour(({ lit }) => lit.has(row.node))
  const shown = useStore(viewStore, ({ shown }) => shown)
  const detail = isAttribute(row.detail) ? shown.attributes : shown.weights
  const colours = paint ? paintColours(paint) : classColours(row.opClass)
  return (
    <button
      type="button"
      className={`row ${chosen ? 'chosen' : ''} ${found ? 'found' : ''} ${sign ?? ''} ${lit ? 'lit' : ''} nodrag`}
      style={colours}
      data-node={row.node}
      tabIndex={-1}
      onDoubleClick={() => row.subgraphs[0] && goInto({ graph: row.subgraphs[0], label: row.label })}
      aria-pressed={chosen}
      onClick={(event) => {
        event.stopPropagation()
        if (event.shiftKey) toggleSelected(row.node)
        else select({ kind: 'node', id: row.node })
      }}
    >
      {sign && <Glyph name={sign} />}
      <span className="label">
        {shown.names && row.name !== '' ? row.name : row.label}
        {!shown.names && row.hint && <span className="hint"> {row.hint}</span>}
      </span>
      {detail && <span className="detail">{row.detail}</span>}
      {row.subgraphs.length > 0 && <Icon name="right" className="acc" size={11} />}
      {sensitive && <Icon name="caution" className="caution" size={12} />}
    </button>
  )
}

/**
 * A closed group wears what most of its weights wear, once colours tell something else than operators; in a comparison what became of most of
 * its nodes that did not stay the same.
 */
function useGroupLook(members: readonly string[]): { readonly paint?: Paint; readonly change: ReturnType<typeof mainSign> } {
  const index = useColour(({ index }) => index)
  const paint = useColour(({ paint }) => paint)
  const signs = useColour(({ signs }) => signs)
  return useMemo(() => {
    if (!index || !paint) return { change: null }
    const nodes = members.flatMap((id) => index.inside.get(id) ?? [])
    const change = signs && mainSign(nodes, signs)
    return { paint: change ? paint.get(change.node) : mainPaint(nodes, paint), change }
  }, [index, paint, signs, members])
}

export const GroupBox = memo(function GroupBox(props: NodeProps<BoxNode>) {
  const { group, members, nodes, opClass, width } = boxIn(props, 'group')
  const chosen = useStore(sessionStore, ({ selection }) => selection?.kind === 'group' && selection.id === group.id)
  const { paint, change } = useGroupLook(members)
  const open = () => toggle(group.id)
  return (
    <div
      className={`fold ${members.length > 1 ? 'pile' : ''} ${chosen ? 'chosen' : ''} ${change?.sign ?? ''} nodrag`}
      style={{ ...(paint ? paintColours(paint) : classColours(opClass)), width }}
    >
      <button type="button" className="fold-open" tabIndex={-1} aria-label={`Open ${group.name}`} onClick={open}>
        <Icon name="right" />
      </button>
      <button
        type="button"
        className="fold-name"
        tabIndex={-1}
        data-group={group.id}
        onClick={() => select({ kind: 'group', id: group.id })}
        onDoubleClick={open}
        title={change ? `${change.touched} of ${nodes * members.length} nodes did not stay the same` : undefined}
      >
        {change && <Glyph name={change.sign} />}
        <b className="ell">{pileName(group.name, members.length)}</b>
        <span>{members.length > 1 ? `${members.length} × ${nodes} nodes` : `${nodes} nodes`}</span>
      </button>
    </div>
  )
})

/**
 * Moves the name in the header right, so that a wide group still says what it is when its left side is out of view. It follows every frame
 * of a movement, so past React: nothing is rendered anew.
 */
function useSteadyName({ x, width }: BoxOf<'open'>): RefObject<HTMLElement | null> {
  const api = useStoreApi()
  const name = useRef<HTMLElement>(null)
  useEffect(() => {
    let shown = 0
    const follow = () => {
      const [left, , zoom] = api.getState().transform
      const shift = Math.round(Math.max(0, Math.min(-left / zoom - x + 8, width - 220)))
      if (shift === shown || !name.current) return
      name.current.style.paddingLeft = `${shift}px`
      shown = shift
    }
    follow()
    return api.subscribe(follow)
  }, [api, x, width])
  return name
}

export const OpenBox = memo(function OpenBox(props: NodeProps<BoxNode>) {
  const box = boxIn(props, 'open')
  const { group, nodes, weightBytes, twins, width, height } = box
  const name = useSteadyName(box)
  const chosen = useStore(sessionStore, ({ selection }) => selection?.kind === 'group' && selection.id === group.id)
  return (
    <div className={`opened ${chosen ? 'chosen' : ''}`} style={{ width, height }}>
      <header ref={name} className="nodrag">
        <button type="button" className="fold-open" tabIndex={-1} aria-label={`Close ${group.name}`} onClick={() => toggle(group.id)}>
          <Icon name="down" />
        </button>
        <button
          type="button"
          className="fold-name"
          tabIndex={-1}
          data-group={group.id}
          onClick={() => select({ kind: 'group', id: group.id })}
          onDoubleClick={() => toggle(group.id)}
        >
          <b className="ell">{group.name}</b>
          {twins > 1 && width > 300 && <span className="t3">one of {twins} identical</span>}
          <span className="grow" />
          <span>{nodes} nodes</span>
          {weightBytes > 0 && width > 260 && (
            <span>
              <Num figure={bytes(weightBytes)} />
            </span>
          )}
        </button>
      </header>
    </div>
  )
})

export const LabelBox = memo(function LabelBox(props: NodeProps<BoxNode>) {
  const { text, side, value, width } = boxIn(props, 'label')
  const over = useStore(viewStore, ({ wire }) => wire === value)
  return (
    <div
      className={`port ${side} ${over ? 'over' : ''}`}
      style={{ width }}
      onPointerEnter={() => viewStore.setState({ wire: value })}
      onPointerLeave={() => viewStore.setState({ wire: null })}
    >
      {text}
    </div>
  )
})

export const BorderBox = memo(function BorderBox(props: NodeProps<BoxNode>) {
  const { text, side, width } = boxIn(props, 'border')
  return (
    <div className={`border-box ${side}`} style={{ width }}>
      {text}
    </div>
  )
})

export const MarkBox = memo(function MarkBox({ data: { mark } }: NodeProps<MarkNode>) {
  return (
    <div
      className={`mark ${mark.kind} ${mark.part ? 'part' : ''}`}
      style={{ width: mark.width, height: mark.height }}
      title={`${mark.title}: ${mark.text}`}
    >
      {mark.spelled && (
        <div className="mark-note">
          <b>{mark.title}</b>
          <span>{mark.text}</span>
        </div>
      )}
    </div>
  )
})

/** Where React Flow believes all wires to begin and end. */
export const Ground = () => (
  <>
    <Handle type="source" position={Position.Top} isConnectable={false} />
    <Handle type="target" position={Position.Top} isConnectable={false} />
  </>
)
