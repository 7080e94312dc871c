import { Checkbox, NumberInput, Select } from '@mantine/core'
import { useStore } from 'zustand'
import { tfliteWeights } from '../../../core/api/requests.ts'
import { exportStore, setExport, writeExport } from '../../actions/export.ts'
import type { ExportSettings } from '../../actions/export-command.ts'
import { runStore } from '../../stores/run.ts'
import { sessionStore } from '../../stores/session.ts'
import { plain } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'

const formats: readonly { readonly id: ExportSettings['format']; readonly title: string; readonly note: string }[] = [
  { id: 'onnx', title: 'ONNX', note: 'for ONNX Runtime and others' },
  { id: 'tflite', title: 'TFLite', note: 'for LiteRT on phones and boards' },
]

/** Format and its settings; then the file is written, and run before one gets it. */
export function ExportForm() {
  const format = useStore(exportStore, ({ settings }) => settings.format)
  return (
    <>
      <div className="formats">
        {formats.map(({ id, title, note }) => (
          <button key={id} type="button" aria-pressed={format === id} onClick={() => setExport({ format: id })}>
            <b>{title}</b>
            <span>{note}</span>
          </button>
        ))}
      </div>
      <div className="form">
        {format === 'onnx' ? <OnnxSettings /> : <TfliteSettings />}
        <ReportSetting />
      </div>
      <Checked />
      <div className="export-acts">
        <button type="button" className="btn go" onClick={() => void writeExport()}>
          <Icon name="out" /> Write the file
        </button>
      </div>
    </>
  )
}

function OnnxSettings() {
  const { opset, externalData } = useStore(exportStore, ({ settings }) => settings)
  const own = useStore(sessionStore, ({ opened }) => opened?.opset ?? 1)
  return (
    <>
      <NumberInput
        label="Operator set"
        description={`The model came in ${own}. Operators are raised to newer sets, never lowered.`}
        placeholder="as it is"
        value={opset ?? ''}
        min={own}
        max={99}
        allowDecimal={false}
        onChange={(value) => setExport({ opset: typeof value === 'number' ? value : undefined })}
      />
      <Checkbox
        label="Weights in a file of their own"
        description="External data; past 2 GiB always."
        checked={externalData ?? false}
        onChange={(event) => setExport({ externalData: event.currentTarget.checked || undefined })}
      />
    </>
  )
}

const weightNotes: Readonly<Record<(typeof tfliteWeights)[number], string>> = {
  float32: 'float32, as they are',
  float16: 'float16, half the size',
  int8: 'int8, dynamic range',
  int4: 'int4, dynamic range',
}

function TfliteSettings() {
  const { weights, int8Borders, nhwcInputs } = useStore(exportStore, ({ settings }) => settings)
  return (
    <>
      <Select
        label="Weights that are float"
        description="What a precision pass has quantized stays as it is."
        data={tfliteWeights.map((value) => ({ value, label: weightNotes[value] }))}
        value={weights ?? 'float32'}
        allowDeselect={false}
        onChange={(value) => setExport({ weights: value === 'float32' ? undefined : (value as ExportSettings['weights']) })}
      />
      <Checkbox
        label="8-bit inputs and outputs"
        description="Of a model that computes in 8 bits."
        checked={int8Borders ?? false}
        onChange={(event) => setExport({ int8Borders: event.currentTarget.checked || undefined })}
      />
      <Checkbox
        label="Images as NHWC"
        description="The layout that cameras and LiteRT prefer."
        checked={nhwcInputs ?? false}
        onChange={(event) => setExport({ nhwcInputs: event.currentTarget.checked || undefined })}
      />
    </>
  )
}

function ReportSetting() {
  const report = useStore(exportStore, ({ report }) => report)
  const has = useStore(runStore, ({ report: found }) => found !== null)
  return (
    <Checkbox
      label="Report and pipeline beside it"
      description={has ? 'As a page, as JSON, and the pipeline that was run.' : 'There is no report before a run has finished.'}
      checked={report && has}
      disabled={!has}
      onChange={(event) => exportStore.setState({ report: event.currentTarget.checked })}
    />
  )
}

/** On what the written file is judged. */
function Checked() {
  const data = useStore(sessionStore, ({ data }) => data)
  const samples = data
    ? `samples of ${folderOf(data.path)} (${plain(data.evaluation)} for evaluation).`
    : 'inputs made up from a seed; choose data to know its accuracy.'
  return <p className="sm t2">The written file is run before you get it, beside the model, on {samples}</p>
}

const folderOf = (path: string) => path.split(/[/\\]/).at(-2) ?? path
