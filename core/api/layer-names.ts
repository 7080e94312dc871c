/** Names of layers that stand together: the first in full, the others by the part in which they differ: `layer.0.mlp.fc`, `act`. */
export function layerNames(names: readonly string[]): string[] {
  const [first, ...others] = names
  return first === undefined ? [] : [first, ...others.map((name) => withoutScope(name, first))]
}

/** The part of a module's name in which it differs from another: `layer.0.mlp.act` beside `layer.0.mlp.fc` is `act`. */
function withoutScope(name: string, beside: string): string {
  const parts = name.split('.')
  const others = beside.split('.')
  const shared = parts.findIndex((part, at) => part !== others[at])
  return parts.slice(shared < 0 ? parts.length - 1 : shared).join('.')
}
