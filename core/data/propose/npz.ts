import { join } from 'node:path'
import { isFloat } from '../../ir/dtype.ts'
import { npzHeaders } from '../npz.ts'
import { labelLike, metricFor, type Propose, splitsOf, withExtension } from './draft.ts'

/** Files of arrays that are named like the model's inputs. */
export const proposeNpz: Propose = async (found, borders) => {
  const files = withExtension(found, ['.npz'])
  const read = await Promise.all(files.map(async (file) => ({ file, arrays: await npzHeaders(join(found.folder, file)).catch(() => []) })))
  const names = borders.inputs.map(({ name }) => name)
  const fitting = read.filter(({ arrays }) => arrays.some(({ name }) => names.includes(name)))
  if (fitting.length === 0) return null
  const first = splitsOf(
    fitting.map(({ file }) => file),
    undefined,
  )
  const judged = fitting.find(({ file }) => file === first.splits.evaluation.file)?.arrays ?? []
  const others = judged.filter(({ name }) => !names.includes(name))
  const labels = others.find(({ name }) => labelLike.test(name)) ?? others.find(({ dims }) => dims.length === 1)
  const { splits, because } = splitsOf(
    fitting.map(({ file }) => file),
    labels?.name,
  )
  const form = labels === undefined ? null : { dims: labels.dims.slice(1), whole: !isFloat(labels.dtype) }
  const { metric, why } = metricFor(form, borders)
  const missing = names.filter((name) => !judged.some((array) => array.name === name))
  return {
    manifest: { lathe: 1, kind: 'npz', ...splits, metric },
    because: [
      {
        at: 'kind',
        why: `the model has inputs with the names of these arrays: ${names.filter((name) => !missing.includes(name)).join(', ')}`,
      },
      ...because,
      ...(labels === undefined ? [] : [{ at: 'evaluation.labels', why: `'${labels.name}' is no input of the model` }]),
      ...(missing.length === 0 ? [] : [{ at: 'evaluation', why: `there is no array for ${missing.join(', ')}, which will be made up` }]),
      { at: 'metric', why },
    ],
    files,
    columns: others.map(({ name }) => name),
  }
}
