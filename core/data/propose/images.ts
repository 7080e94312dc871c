import { dirname } from 'node:path'
import type { Dataset } from '../../api/dataset.ts'
import type { InputSpec } from '../columns.ts'
import { imageExtensions } from '../images.ts'
import { classesFor, metricFor, type Propose, splitsOf, withExtension } from './draft.ts'

type Form = Pick<Extract<Dataset, { kind: 'images' }>, 'size' | 'layout' | 'channels'>

/** Where the model leaves height and width open. */
const usualSize = 224

const splitLike = /^(calib\w*|train\w*|eval\w*|test\w*|val\w*|dev\w*)$/i

/** A folder of images, or a folder for each class, for a model that takes pictures. */
export const proposeImages: Propose = async (found, borders) => {
  const files = withExtension(found, [...imageExtensions])
  const input = borders.inputs.find((each) => formOf(each) !== null)
  const form = input === undefined ? null : formOf(input)
  if (files.length === 0 || input === undefined || form === null) return null
  const parts = files.map((file) => file.split('/').slice(0, -1))
  const tops = [...new Set(parts.flatMap(([top]) => top ?? []))].filter((top) => splitLike.test(top))
  const folders = tops.length > 0 ? tops : ['.']
  const depth = tops.length > 0 ? 1 : 0
  const classes = [...new Set(parts.flatMap((folder) => folder[depth] ?? []))]
  const inClasses = classes.length > 1 && parts.every((folder) => folder.length > depth)
  const { splits, because } = splitsOf(folders, inClasses ? 'folder' : undefined)
  const { metric, why } = metricFor(inClasses ? { dims: [], whole: true } : null, borders)
  const named = inClasses ? classesFor(classes, borders) : null
  const fixed = input.shape?.filter((dim) => typeof dim === 'number').length === 4 || typeof input.shape?.[2] === 'number'
  return {
    manifest: {
      lathe: 1,
      kind: 'images',
      ...splits,
      metric,
      ...(named === null ? {} : { classes: named.classes }),
      input: input.name,
      ...form,
      scale: 1 / 255,
    },
    because: [
      { at: 'kind', why: `there are ${files.length} images, and '${input.name}' takes pictures` },
      ...because,
      ...(inClasses
        ? [
            {
              at: 'evaluation.labels',
              why: `the folders ${classes.slice(0, 4).join(', ')}${classes.length > 4 ? ' ...' : ''} are the classes`,
            },
          ]
        : []),
      ...(named?.because ?? []),
      { at: 'size', why: fixed ? 'the model fixes height and width' : `the model leaves height and width open: ${usualSize} is usual` },
      {
        at: 'scale',
        why: 'pixels from 0 to 1 are usual; how the model was trained cannot be seen in it: set mean, std and scale as they were then',
      },
      { at: 'metric', why },
    ],
    files: [...new Set(['.', ...files.map((file) => dirname(file))])],
    columns: [],
  }
}

/** How pictures go into an input: four axes, one of which has the 1 or 3 channels. */
function formOf({ shape }: InputSpec): Form | null {
  if (shape?.length !== 4) return null
  const [, a, , c] = shape
  const layout = a === 1 || a === 3 ? 'NCHW' : c === 1 || c === 3 ? 'NHWC' : null
  if (layout === null) return null
  const [height, width] = layout === 'NCHW' ? [shape[2], shape[3]] : [shape[1], shape[2]]
  const sizeOf = (dim: number | string | null | undefined) => (typeof dim === 'number' ? dim : usualSize)
  return { size: [sizeOf(height), sizeOf(width)], layout, channels: (layout === 'NCHW' ? a : c) === 1 ? 'gray' : 'RGB' }
}
