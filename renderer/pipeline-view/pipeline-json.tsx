import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { pipelineSchema } from '../../core/api/pipeline.ts'
import { engine } from '../actions/connection.ts'
import { problemIn } from '../engine.ts'
import { documentStore } from '../stores/document.ts'
import { wired } from '../stores/pipeline-edit.ts'
import { Icon } from '../ui/icon.tsx'
import { readJson } from './read-json.ts'

type Verdict =
  | { readonly state: 'checking' }
  | { readonly state: 'good' }
  | { readonly state: 'bad'; readonly where: string; readonly what: string; readonly mend: string }

/** A pause in typing after which the text is looked at. */
const pauseMs = 250

/** The pipeline as text: the same document as the cards. What is valid is taken over as one step that can be undone. */
export function PipelineJson() {
  const pipeline = useStore(documentStore, ({ pipeline }) => pipeline)
  const [text, setText] = useState(() => textOf(pipeline))
  const [verdict, setVerdict] = useState<Verdict>({ state: 'good' })
  const taken = useRef(pipeline)
  useEffect(() => {
    // Undo, a preset, a change of the target: the document changed elsewhere.
    if (pipeline === taken.current) return
    taken.current = pipeline
    setText(textOf(pipeline))
    setVerdict({ state: 'good' })
  }, [pipeline])
  useEffect(() => {
    if (text === textOf(taken.current)) return setVerdict({ state: 'good' })
    setVerdict({ state: 'checking' })
    let wanted = true
    const timer = setTimeout(async () => {
      const found = await judge(text)
      if (!wanted) return
      setVerdict(found.verdict)
      if (!found.pipeline) return
      taken.current = found.pipeline
      documentStore.edit(() => found.pipeline!)
    }, pauseMs)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [text])
  return (
    <div className="pipe-json">
      <textarea
        value={text}
        spellCheck={false}
        aria-label="Pipeline as JSON"
        aria-invalid={verdict.state === 'bad'}
        aria-describedby="pipe-json-verdict"
        onChange={(event) => setText(event.target.value)}
      />
      <p id="pipe-json-verdict" role="status" className={verdict.state}>
        <VerdictLine verdict={verdict} />
      </p>
    </div>
  )
}

/** Wires stay on one line each. */
const textOf = (pipeline: unknown) => JSON.stringify(pipeline, null, 2).replace(/\[\n\s+("[^"\n]*"),\n\s+("[^"\n]*")\n\s+\]/g, '[$1, $2]')

function VerdictLine({ verdict }: { verdict: Verdict }) {
  if (verdict.state === 'checking') return <span className="t3">checking…</span>
  if (verdict.state === 'good')
    return (
      <>
        <Icon name="ok" className="better" size={12} /> <span>valid, and the same as the cards</span>
      </>
    )
  return (
    <>
      <Icon name="caution" className="worse" size={12} />
      {verdict.where && <b className="mono">{verdict.where}</b>}
      <span className="worse">{verdict.what}</span> <span className="t2">{verdict.mend}</span>
    </>
  )
}

/** Syntax, then the form of a pipeline, then what the engine knows: passes, their options, wires. */
async function judge(text: string): Promise<{ verdict: Verdict; pipeline?: ReturnType<typeof wired> }> {
  const read = readJson(text)
  if ('what' in read) return { verdict: { state: 'bad', ...read } }
  const formed = pipelineSchema.safeParse(read.value)
  if (!formed.success) {
    const [issue] = formed.error.issues
    return { verdict: { state: 'bad', where: issue?.path.join('.') ?? '', what: issue?.message ?? 'No pipeline', mend: '' } }
  }
  const pipeline = wired(formed.data)
  if (pipeline.stages.length === 0) return { verdict: { state: 'good' }, pipeline }
  try {
    await (await engine()).pipelines.plan({ pipeline })
    return { verdict: { state: 'good' }, pipeline }
  } catch (error) {
    const { what, mend, where } = problemIn(error)
    return { verdict: { state: 'bad', where: String(where.path ?? where.stage ?? ''), what, mend } }
  }
}
