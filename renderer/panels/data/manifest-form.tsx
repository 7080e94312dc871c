import { NumberInput, Select, TextInput } from '@mantine/core'
import { type Dataset, metricKinds } from '../../../core/api/dataset.ts'
import type { DataProposal } from '../../../core/api/proposal.ts'
import { changeManifest } from '../../actions/dataset-form.ts'

interface FormProps {
  readonly manifest: Dataset
  readonly proposal: DataProposal
}

/** The choices of a manifest, each with the reason why it was proposed. */
export function ManifestForm({ manifest, proposal }: FormProps) {
  const { files, columns, outputs } = proposal.choices
  const why = (at: string) => proposal.because.find((each) => each.at === at)?.why
  const { evaluation, calibration, metric } = manifest
  const labels = manifest.kind === 'images' ? ['folder'] : columns
  return (
    <div className="data-fields">
      <p className="sm t2">{why('kind')}</p>
      <Choose
        label="Judge on"
        why={why('evaluation')}
        values={files}
        value={evaluation?.file}
        onChange={(file) => changeManifest({ evaluation: file === null ? undefined : { ...evaluation, file } })}
      />
      <Choose
        label="Labels"
        why={why('evaluation.labels')}
        values={labels}
        value={evaluation?.labels}
        none="no labels"
        onChange={(value) =>
          evaluation && changeManifest({ evaluation: { file: evaluation.file, ...(value === null ? {} : { labels: value }) } })
        }
      />
      <Choose
        label="Calibrate with"
        why={why('calibration')}
        values={files}
        value={calibration?.file}
        none="nothing"
        onChange={(file) => changeManifest({ calibration: file === null ? undefined : { file } })}
      />
      <Choose
        label="Metric"
        why={why('metric')}
        values={metricKinds}
        value={metric.kind}
        onChange={(kind) => kind !== null && changeManifest({ metric: { ...metric, kind: kind as (typeof metricKinds)[number] } })}
      />
      <Choose
        label="Of output"
        values={outputs}
        value={metric.output}
        onChange={(output) => output !== null && changeManifest({ metric: { ...metric, output } })}
      />
      {manifest.kind === 'images' && <ImageFields manifest={manifest} why={why} />}
      {manifest.kind === 'text' && <TextFields manifest={manifest} why={why} columns={columns} />}
      {manifest.kind === 'table' && <TableFields manifest={manifest} why={why} />}
    </div>
  )
}

type Why = (at: string) => string | undefined

interface ChooseProps {
  readonly label: string
  readonly why?: string | undefined
  readonly values: readonly string[]
  readonly value: string | undefined
  /** What leaving it out is called; it must be something unless given. */
  readonly none?: string
  readonly onChange: (value: string | null) => void
}

function Choose({ label, why, values, value, none, onChange }: ChooseProps) {
  const known = value === undefined || values.includes(value) ? values : [value, ...values]
  return (
    <Select
      label={label}
      description={why}
      data={[...known]}
      value={value ?? null}
      placeholder={none}
      clearable={none !== undefined}
      allowDeselect={false}
      comboboxProps={{ withinPortal: true }}
      onChange={onChange}
    />
  )
}

function ImageFields({ manifest, why }: { manifest: Extract<Dataset, { kind: 'images' }>; why: Why }) {
  const { size, layout, channels, mean, std, scale } = manifest
  const sizeAt = (axis: 0 | 1) => (value: string | number) =>
    typeof value === 'number' && changeManifest({ size: axis === 0 ? [value, size[1]] : [size[0], value] })
  return (
    <>
      <div className="data-pair">
        <NumberInput label="Height" description={why('size')} value={size[0]} min={1} onChange={sizeAt(0)} />
        <NumberInput label="Width" value={size[1]} min={1} onChange={sizeAt(1)} />
      </div>
      <div className="data-pair">
        <Choose
          label="Layout"
          values={['NCHW', 'NHWC']}
          value={layout}
          onChange={(value) => changeManifest({ layout: value as typeof layout })}
        />
        <Choose
          label="Channels"
          values={['RGB', 'BGR', 'gray']}
          value={channels}
          onChange={(value) => changeManifest({ channels: value as typeof channels })}
        />
      </div>
      <NumberInput
        label="Scale"
        description={why('scale')}
        value={scale}
        decimalScale={6}
        step={0.001}
        onChange={(value) => typeof value === 'number' && changeManifest({ scale: value })}
      />
      <div className="data-pair">
        <Numbers label="Mean" value={mean} onChange={(value) => changeManifest({ mean: value })} />
        <Numbers label="Std" value={std} onChange={(value) => changeManifest({ std: value })} />
      </div>
    </>
  )
}

/** Numbers with commas between them; empty stands for none. */
function Numbers({
  label,
  value,
  onChange,
}: {
  label: string
  value: number[] | undefined
  onChange: (value: number[] | undefined) => void
}) {
  const take = (text: string) => {
    const parts = text.split(',').filter((part) => part.trim() !== '')
    const numbers = parts.map(Number)
    if (numbers.every(Number.isFinite)) onChange(numbers.length === 0 ? undefined : numbers)
  }
  return (
    <TextInput
      label={label}
      placeholder="0.485, 0.456, 0.406"
      defaultValue={value?.join(', ')}
      onBlur={(event) => take(event.currentTarget.value)}
    />
  )
}

function TextFields({ manifest, why, columns }: { manifest: Extract<Dataset, { kind: 'text' }>; why: Why; columns: readonly string[] }) {
  const { column, maxLength, padding } = manifest
  return (
    <>
      {column !== undefined && (
        <Choose
          label="Text column"
          why={why('column')}
          values={columns}
          value={column}
          onChange={(value) => value !== null && changeManifest({ column: value })}
        />
      )}
      <div className="data-pair">
        <NumberInput
          label="Longest, tokens"
          description={why('maxLength')}
          value={maxLength}
          min={1}
          onChange={(value) => typeof value === 'number' && changeManifest({ maxLength: value })}
        />
        <Choose
          label="Padding"
          values={['max', 'longest', 'none']}
          value={padding}
          onChange={(value) => changeManifest({ padding: value as typeof padding })}
        />
      </div>
    </>
  )
}

function TableFields({ manifest, why }: { manifest: Extract<Dataset, { kind: 'table' }>; why: Why }) {
  const { columns } = manifest
  return Object.entries(columns).map(([input, names]) => (
    <TextInput
      key={input}
      label={`Columns of ${input}`}
      description={why(`columns.${input}`)}
      defaultValue={names.join(', ')}
      onBlur={(event) => {
        const typed = event.currentTarget.value.split(',').map((name) => name.trim())
        changeManifest({ columns: { ...columns, [input]: typed.filter((name) => name !== '') } })
      }}
    />
  ))
}
