import type { ExportRequest } from '../../core/api/requests.ts'

/** What an export was of and how, as far as a terminal needs to know. */
export interface ExportedThing {
  readonly model: string
  readonly file: string
  readonly settings: ExportSettings
  readonly data: string | null
  /** The stage that was exported; `null` for the model as it was opened. */
  readonly stage: string | null
  /** Whether the pipeline has other leaves than that stage: then candidates stand in folders of their own. */
  readonly severalLeaves: boolean
  /** The pipeline file, where one was written. */
  readonly pipeline: string | null
}

export type ExportSettings = Pick<ExportRequest, 'format' | 'externalData' | 'opset' | 'weights' | 'int8Borders' | 'nhwcInputs'>

/** The command lines that write the same file: the run where a stage was exported, then the export. */
export function commandOf({ model, file, settings, data, stage, severalLeaves, pipeline }: ExportedThing): string {
  const folder = 'out'
  const made = `${folder}/${severalLeaves ? `${stage}/` : ''}model.onnx`
  const run = ['lathe run', quoted(model), '--pipeline', quoted(pipeline ?? 'pipeline.json'), ...dataFlag('--data', data), '--out', folder]
  const write = [
    'lathe export',
    quoted(stage === null ? model : made),
    ...flagsOf(settings),
    ...dataFlag('--verify', data),
    '--out',
    quoted(file),
  ]
  return [...(stage === null ? [] : [run.join(' ')]), write.join(' ')].join(' && ')
}

const dataFlag = (flag: string, path: string | null): string[] => (path === null ? [] : [flag, quoted(path)])

function flagsOf({ format, externalData, opset, weights, int8Borders, nhwcInputs }: ExportSettings): string[] {
  return [
    `--format ${format}`,
    ...(format === 'onnx' && opset !== undefined ? [`--opset ${opset}`] : []),
    ...(format === 'onnx' && externalData ? ['--external-data'] : []),
    ...(format === 'tflite' && weights !== undefined ? [`--weights ${weights}`] : []),
    ...(format === 'tflite' && int8Borders ? ['--int8-borders'] : []),
    ...(format === 'tflite' && nhwcInputs ? ['--nhwc-inputs'] : []),
  ]
}

/** As a shell takes it: bare where nothing in it is special. */
const quoted = (text: string): string => (/^[\w@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
