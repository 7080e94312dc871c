import { text, textOf } from '../../ir/attributes.ts'
import { isInteger } from '../../ir/dtype.ts'
import { type Adapter, inputOf } from './adapter.ts'

const gridModes: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic', nearest: 'nearest' }

/** GridSample's modes lost their "bi". */
export const gridSampleModes: Adapter = (node) => {
  const mode = textOf(node, 'mode', 'bilinear')
  const now = gridModes[mode]
  if (now === undefined) return `its mode '${mode}' is none`
  node.graph.setAttributes(node, new Map([...node.attributes, ['mode', text(now)]]))
  return null
}

/** What RoiAlign did before its positions had names is no longer what it does when none is given. */
export const roiAlignPositions: Adapter = (node) => {
  node.graph.setAttributes(node, new Map([...node.attributes, ['coordinate_transformation_mode', text('output_half_pixel')]]))
  return null
}

/** Logarithms of whole numbers were allowed. */
export const floatsOnly: Adapter = (node, { dtypeOf }) => {
  const x = inputOf(node, 0)
  const dtype = x === null ? null : dtypeOf(x)
  return dtype !== null && isInteger(dtype) ? 'newer versions do not take whole numbers' : null
}

export const notRaised =
  (reason: string): Adapter =>
  () =>
    reason
