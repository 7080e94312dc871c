import type { Node } from '../ir/value.ts'

/**
 * The module that a node came from, as exporters write it down: `encoder.layer.0.attention.self.query`. PyTorch's dynamo exporter keeps the
 * modules in the node's metadata, its TorchScript exporter in the node's name (`/encoder/layer.0/query/MatMul`). `null` when nothing tells.
 */
export function scopeOf(node: Node): string | null {
  const listed = node.metadata.get('pkg.torch.onnx.name_scopes')
  if (listed !== undefined) return innermost(listed)
  const parts = node.name.split('/').filter((part) => part !== '')
  if (!node.name.includes('/') || parts.length < 2) return null
  return parts.slice(0, -1).join('.')
}

/** The list is written as Python prints it, modules from the outside in, the operation last. */
function innermost(listed: string): string | null {
  const scopes = [...listed.matchAll(/'([^']*)'/g)].map((match) => match[1] as string)
  const module = scopes.slice(0, -1).findLast((scope) => scope !== '' && !scope.startsWith('_empty_nn_module'))
  return module ?? null
}
