import type { Node } from '../ir/value.ts'

/** Under which PyTorch's dynamo exporter writes the modules of a node into its metadata. */
export const scopesKey = 'pkg.torch.onnx.name_scopes'

/**
 * The module that a node came from, as exporters write it down: `encoder.layer.0.attention.self.query`. PyTorch's dynamo exporter keeps the
 * modules in the node's metadata, its TorchScript exporter in the node's name (`/encoder/layer.0/query/MatMul`), and so does TensorFlow's
 * (`bert/encoder/layer_._0/query/MatMul`, several of them with a `;` between where it has merged nodes). `null` when nothing tells.
 */
export function scopeOf(node: Node): string | null {
  const listed = node.metadata.get(scopesKey)
  if (listed !== undefined) return innermost(listed)
  if (!node.name.includes('/')) return null
  const parts = firstName(node.name)
    .split('/')
    .filter((part) => part !== '')
  return parts.length < 2 ? null : modulesOf(parts.slice(0, -1))
}

/** The parts of a path as modules; TensorFlow writes members of a list as `layer_._0`. */
export const modulesOf = (parts: readonly string[]): string => parts.map((part) => part.replace(/_\._(?=\d+$)/, '.')).join('.')

/** The modules on the way to a scope; `encoder.layer.0.query` -> encoder, layer.0, query: a number says which of its kind, not what. */
export function segmentsOf(scope: string | null): string[] {
  if (scope === null) return []
  const segments: string[] = []
  for (const part of scope.split('.')) {
    if (/^\d+$/.test(part) && segments.length > 0) segments.push(`${segments.pop()}.${part}`)
    else segments.push(part)
  }
  return segments
}

/** TensorFlow joins the names of what it merges. */
export const firstName = (name: string): string => name.split(';', 1)[0] as string

/** The list is written as Python prints it, modules from the outside in, the operation last. */
function innermost(listed: string): string | null {
  const scopes = [...listed.matchAll(/'([^']*)'/g)].map((match) => match[1] as string)
  const module = scopes.slice(0, -1).findLast((scope) => scope !== '' && !scope.startsWith('_empty_nn_module'))
  return module ?? null
}
