import type { GraphView, NodeView } from '../../core/api/graph-view.ts'

/**
 * A graph view as the engine gives it for a BERT: `layers` encoder layers with attention, feed-forward and residuals, and one mask that
 * all layers read.
 */
export function bertView(layers: number): GraphView {
  const build = new Builder()
  const embedded = build.embeddings()
  const mask = build.chain('bert', 'input_mask', ['Unsqueeze', 'Cast', 'Sub', 'Mul'], [])
  let hidden = embedded
  for (let layer = 0; layer < layers; layer++) hidden = build.layer(layer, hidden, mask)
  const logits = build.chain('bert', hidden, ['Gather', 'Gemm', 'Tanh', 'Gemm'], ['bert.pooler'])
  return build.view(logits)
}

class Builder {
  private readonly nodes: NodeView[] = []
  private readonly groups = new Map<string, GraphView['groups'][number]>()

  embeddings(): string {
    this.group('bert.embeddings', 'embeddings', null, 'embeddings')
    const words = this.node('Gather', ['input_ids', 'word.weight'], ['bert.embeddings'])
    const types = this.node('Gather', ['input_types', 'type.weight'], ['bert.embeddings'])
    const sum = this.node('Add', [words, types], ['bert.embeddings'])
    return this.node('LayerNormalization', [sum, 'ln.weight'], ['bert.embeddings'])
  }

  chain(_scope: string, from: string, ops: readonly string[], path: readonly string[]): string {
    for (const id of path) this.group(id, id.split('.').at(-1)!, null, id)
    return ops.reduce((value, op) => this.node(op, [value, `${op}.constant`], path), from)
  }

  layer(index: number, input: string, mask: string): string {
    const id = `bert.encoder.layer.${index}`
    this.group(id, `encoder layer ${index}`, null, 'encoder layer')
    const attention = `${id}.attention`
    this.group(attention, 'self attention', id, 'attention')
    const path = [id, attention]
    const [q, k, v] = (['query', 'key', 'value'] as const).map((role) =>
      ['MatMul', 'Add', 'Reshape', 'Transpose'].reduce((value, op) => this.node(op, [value, `${role}.${op}.weight`], path, role), input),
    )
    const scores = this.node('MatMul', [q!, k!], path)
    const scaled = this.node('Mul', [scores, 'scale.constant'], path)
    const masked = this.node('Add', [scaled, mask], path)
    const weights = this.node('Softmax', [masked], path)
    const context = this.node('MatMul', [weights, v!], path)
    const merged = ['Transpose', 'Reshape'].reduce((value, op) => this.node(op, [value, `${op}.constant`], path), context)
    const attended = this.residual(merged, input, [id])
    const up = this.node('Add', [this.node('MatMul', [attended, 'up.weight'], [id]), 'up.bias'], [id])
    const erf = ['Div', 'Erf', 'Add'].reduce((value, op) => this.node(op, [value, `${op}.constant`], [id]), up)
    const gelu = this.node('Mul', [this.node('Mul', [up, erf], [id]), 'half.constant'], [id])
    return this.residual(gelu, attended, [id])
  }

  private residual(value: string, skip: string, path: readonly string[]): string {
    const dense = this.node('Add', [this.node('MatMul', [value, 'dense.weight'], path), 'dense.bias'], path)
    return this.node('LayerNormalization', [this.node('Add', [dense, skip], path), 'ln.weight'], path)
  }

  private node(opType: string, inputs: readonly string[], path: readonly string[], role: string | null = null): string {
    const id = `n${this.nodes.length}`
    const output = `${id}.out`
    const weightBytes = inputs.some((name) => name.endsWith('.weight')) ? 65_536 : 0
    const name = `/${path.join('/')}/${opType}_${id}`
    this.nodes.push({
      ...{ id, ref: name, opType, domain: '', name, path: [...path], layer: path[0] ?? null, role, inputs: [...inputs], outputs: [output] },
      ...{ detail: weightBytes > 0 ? '128x128' : '', weightBytes, origins: [id], subgraphs: [] },
    })
    return output
  }

  private group(id: string, name: string, parent: string | null, shape: string): void {
    this.groups.set(id, { id, name, parent, role: null, shape })
  }

  view(output: string): GraphView {
    const names = new Set(this.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]))
    const constant = (name: string) => /\.(weight|bias|constant)$/.test(name)
    const type = 'float32 [batch, seq, 128]'
    const inputs = ['input_ids', 'input_types', 'input_mask'].map((name) => ({ name, type: 'int64 [batch, seq]' }))
    return {
      version: 'test',
      graph: 'main',
      nodes: this.nodes,
      groups: [...this.groups.values()],
      inputs,
      outputs: [{ name: output, type }],
      values: Object.fromEntries([...names].map((name) => [name, { type, constant: constant(name) }])),
    }
  }
}
