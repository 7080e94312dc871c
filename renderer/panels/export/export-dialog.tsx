import { Modal } from '@mantine/core'
import { useStore } from 'zustand'
import type { Exported } from '../../../core/api/answers.ts'
import { basename } from '../../../core/api/file-name.ts'
import { closeExport, exportCommand, exportedStage, exportStore, handOver, writeExport } from '../../actions/export.ts'
import { startRun } from '../../actions/run.ts'
import { shell } from '../../engine.ts'
import { runStore } from '../../stores/run.ts'
import { sessionStore } from '../../stores/session.ts'
import { Loading } from '../../ui/empty.tsx'
import { plain } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { useCopy } from '../../ui/use-copy.ts'
import { Unusable } from '../candidates/unusable.tsx'
import { ExportForm } from './export-form.tsx'
import { Verification } from './verification.tsx'
import './export.css'

/** Format, then the written file: size, operators, verification, and the report beside it. */
export function ExportDialog() {
  const { shown, state, exported, problem } = useStore(exportStore)
  const lost = useStore(runStore, ({ lost }) => lost) && state !== 'done'
  const refused = exported !== null && exported.files.length === 0
  return (
    <Modal
      opened={shown}
      onClose={closeExport}
      title={state !== 'done' ? 'Export' : refused ? 'Nothing was written' : 'Exported'}
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="export">
        {lost ? <Lost /> : state !== 'done' && <What />}
        {!refused && <Warning />}
        {state === 'writing' && <Loading what="Writing the file, and running it against the source…" />}
        {!lost && state === 'failed' && problem && <ProblemNote problem={problem} onRetry={() => void writeExport()} />}
        {state === 'done' && exported && (refused ? <Refused exported={exported} /> : <Done exported={exported} />)}
        {!lost && (state === 'idle' || state === 'failed') && <ExportForm />}
      </div>
    </Modal>
  )
}

/** The engine that had the run is gone; another one has to make the version anew, mostly from what is kept. */
function Lost() {
  const again = () => {
    closeExport()
    void startRun()
  }
  return (
    <>
      <p className="t2">
        The engine was restarted and no longer has the result of {exportedStage() ?? 'the run'}. Run again, then export: finished stages are
        kept.
      </p>
      <div className="export-acts">
        <button type="button" className="btn go" onClick={again}>
          <Icon name="run" /> Run again
        </button>
      </div>
    </>
  )
}

function What() {
  const stage = exportedStage()
  const name = useStore(sessionStore, ({ opened }) => opened?.name)
  const measured = useStore(runStore, ({ candidates }) => candidates.some(({ id }) => id === stage))
  return (
    <p className="t2">
      {stage === null ? `${name} as it was opened` : `The result of ${stage}`}
      {!measured && '. Nothing was measured of it: run the pipeline first to know its accuracy and latency.'}
    </p>
  )
}

/** A file that verifies as written may still be of no use: verification tells of the writing, not of what the passes lost. */
function Warning() {
  const stage = exportedStage()
  const candidate = useStore(runStore, ({ candidates }) => candidates.find(({ id }) => id === stage))
  return candidate ? <Unusable candidate={candidate} /> : null
}

/** What the format cannot hold, by operator: a model has the same one in many places. */
function Refused({ exported: { unsupported, notes } }: { exported: Exported }) {
  const byReason = new Map<string, { op: string; reason: string; nodes: string[] }>()
  for (const { op, node, reason } of unsupported) {
    const known = byReason.get(`${op}|${reason}`)
    if (known) known.nodes.push(node)
    else byReason.set(`${op}|${reason}`, { op, reason, nodes: [node] })
  }
  return (
    <>
      <p className="t2">The format cannot hold {plain(unsupported.length)} nodes of this version.</p>
      <ul className="refusals">
        {[...byReason.values()].map(({ op, reason, nodes }) => (
          <li key={`${op}|${reason}`} title={nodes.join('\n')}>
            <b>
              {op} {nodes.length > 1 && `×${nodes.length}`}
            </b>
            <span>{reason}</span>
          </li>
        ))}
      </ul>
      {notes.map((note) => (
        <p key={note} className="t2">
          {note}
        </p>
      ))}
      <div className="export-acts">
        <button type="button" className="btn go" onClick={() => exportStore.setState({ state: 'idle', exported: null })}>
          Export differently…
        </button>
      </div>
    </>
  )
}

function Done({ exported }: { exported: Exported }) {
  const { file, bytes, ops, notes } = exported
  const kinds = Object.entries(ops).sort((a, b) => b[1] - a[1])
  return (
    <>
      <dl className="kv">
        <dt>File</dt>
        <dd className="mono" title={file}>
          {file.split(/[/\\]/).at(-1)}
        </dd>
        <dt>Size</dt>
        <dd>
          {plain(bytes)} <i className="u">bytes</i>
        </dd>
        <dt>Operators</dt>
        <dd title={kinds.map(([name, times]) => `${name} ×${times}`).join(', ')}>
          {plain(kinds.reduce((sum, [, times]) => sum + times, 0))} nodes of {kinds.length} types
        </dd>
      </dl>
      <div className="exp-verify">
        <Verification exported={exported} />
      </div>
      {notes.map((note) => (
        <p key={note} className="sm t2">
          {note}
        </p>
      ))}
      <Beside reports={exported.reports} />
      <div className="export-acts">
        {shell() && (
          <button type="button" className="btn" onClick={() => void shell()!.reveal(file)}>
            Reveal in folder
          </button>
        )}
        <CopyCommand />
        <button type="button" className="btn quiet" onClick={() => exportStore.setState({ state: 'idle', exported: null })}>
          Export differently…
        </button>
      </div>
    </>
  )
}

/** The report and the pipeline: on the desktop they stand beside the file, in a browser each is a download. */
function Beside({ reports }: { reports: Exported['reports'] }) {
  if (reports.length === 0) return null
  return (
    <p className="beside">
      <span className="t2">Beside it</span>
      {reports.map((path) =>
        shell() ? (
          <span key={path} className="mono">
            {basename(path)}
          </span>
        ) : (
          <button key={path} type="button" className="btn link mono" onClick={() => handOver(path)}>
            {basename(path)}
          </button>
        ),
      )}
    </p>
  )
}

/** The same from a terminal. */
function CopyCommand() {
  const { said, copy } = useCopy()
  return (
    <button type="button" className="btn" title={exportCommand()} onClick={() => void copy(exportCommand())}>
      <Icon name="copy" /> {said ?? 'Copy the command line that does this'}
    </button>
  )
}
