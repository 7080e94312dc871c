import { useStore } from 'zustand'
import type { StageReport } from '../../../core/api/report.ts'
import { configure, mend, remove } from '../../actions/pipeline.ts'
import { startRun } from '../../actions/run.ts'
import { usePlan, useWarnings } from '../../resources/plan.ts'
import { useVersion } from '../../resources/views.ts'
import { documentStore } from '../../stores/document.ts'
import { branchOnly, fromHere, leavesOf, sourceId } from '../../stores/pipeline-edit.ts'
import { runStore } from '../../stores/run.ts'
import { isGoing } from '../../stores/run-state.ts'
import { sessionStore } from '../../stores/session.ts'
import { milliseconds, plain } from '../../ui/figures.ts'
import { FromTo, Glyph } from '../../ui/glyph.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { Section } from '../../ui/section.tsx'
import { ModelInspector } from './model-inspector.tsx'
import { OptionForm } from './option-form.tsx'
import { SensitivityTable } from './sensitivity-table.tsx'

/** A stage: its options as a form, conflicts with their mends, and what it did in the last run. */
export function StageInspector({ id }: { id: string }) {
  const pipeline = useStore(documentStore, ({ pipeline }) => pipeline)
  const stage = pipeline.stages.find((one) => one.id === id)
  const pass = useStore(sessionStore, ({ passes }) => passes.find((one) => one.id === stage?.pass))
  const warnings = useWarnings().filter((one) => one.stage === id)
  const plan = usePlan()
  const report = useStore(runStore, ({ stages }) => stages[id]?.report ?? null)
  const going = useStore(runStore, isGoing)
  const source = useVersion(sourceId)
  if (id === sourceId) return <ModelInspector version={source} />
  if (!stage) return <p className="insp-head t2">This stage is no longer in the pipeline.</p>
  const isLeaf = leavesOf(pipeline).includes(id)
  return (
    <>
      <div className="insp-head">
        <div className="line">
          <h2>{pass?.title ?? stage.pass}</h2>
          <span className="t3 sm">{pass?.fidelity}</span>
        </div>
        <p className="mono t2">{id}</p>
        <p className="t2">{pass?.summary}</p>
      </div>
      <div className="stage-acts">
        <button
          type="button"
          className="btn small"
          disabled={going}
          title={isLeaf ? 'The way from the source to this stage' : 'The way to this stage, and all that hangs on it'}
          onClick={() => void startRun((pipeline) => (isLeaf ? branchOnly : fromHere)(pipeline, id))}
        >
          {isLeaf ? 'Run this branch only' : 'Run from here'}
        </button>
        {!isLeaf && (
          <button
            type="button"
            className="btn small"
            disabled={going}
            title="This stage becomes the candidate"
            onClick={() => void startRun((pipeline) => branchOnly(pipeline, id))}
          >
            Run up to here
          </button>
        )}
        <button type="button" className="btn small" onClick={() => remove(id)}>
          Remove
        </button>
      </div>
      {warnings.map(({ what, mends }) => (
        <div key={what} className="sensitive-note">
          <p>
            <b className="b">{what}</b>
          </p>
          <div className="keep-row">
            {mends.map((way) => (
              <button key={way.title} type="button" className="btn small" onClick={() => mend(way)}>
                {way.title}
              </button>
            ))}
          </div>
        </div>
      ))}
      {plan.state === 'failed' && (plan.problem.where.stage === id || plan.problem.where.stage === undefined) && (
        <ProblemNote problem={plan.problem} />
      )}
      <Section title="Options">
        {pass ? (
          <OptionForm schema={pass.options} options={stage.options} onChange={(options) => configure(id, options)} />
        ) : (
          <p className="t3 sm">This pass is not known to the engine.</p>
        )}
      </Section>
      {report && <Done report={report} />}
    </>
  )
}

function Done({ report }: { report: StageReport }) {
  const { verification, changes, notes, nodes, ms, cached, sensitivity } = report
  const took = milliseconds(ms)
  return (
    <>
      <Section title="Last run" note={cached ? 'remembered' : `${took.value} ${took.unit}`}>
        <dl className="kv">
          <dt>Nodes</dt>
          <dd>
            <FromTo from={plain(nodes.before)} to={plain(nodes.after)} />
          </dd>
          <dt>Verification</dt>
          <dd className={verification.verdict === 'passed' ? 'better' : verification.verdict === 'rejected' ? 'worse' : ''}>
            {verification.verdict === 'passed' && <Glyph name="passed" />}
            {verification.verdict}
          </dd>
          {verification.maxAbs !== null && (
            <>
              <dt>Largest diff.</dt>
              <dd>{verification.maxAbs.toExponential(1)}</dd>
            </>
          )}
        </dl>
        {verification.reason && <p className="sm t2">{verification.reason}</p>}
      </Section>
      {sensitivity && <SensitivityTable sensitivity={sensitivity} />}
      {changes.length > 0 && (
        <Section title="Changes" note={changes.reduce((sum, { count }) => sum + count, 0)}>
          <dl className="kv" style={{ gridTemplateColumns: 'minmax(0,1fr) auto' }}>
            {changes.map(({ rule, count }) => (
              <div key={rule} style={{ display: 'contents' }}>
                <dt className="ell">{rule}</dt>
                <dd>{count} ×</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {notes.length > 0 && (
        <Section title="Notes">
          <ul className="notes">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  )
}
