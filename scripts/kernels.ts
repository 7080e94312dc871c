import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runtimeSpawner } from '../core/cli/spawn-runtime.ts'
import { createRuntime } from '../core/runtime/client.ts'
import type { Runtime } from '../core/runtime/session.ts'
import type { KernelCase } from './kernels/case.ts'
import { elementwise } from './kernels/elementwise.ts'
import { lifetimeOf, newestOpset } from './kernels/known-operators.ts'
import { linear } from './kernels/linear.ts'
import { movement } from './kernels/movement.ts'
import { quantized } from './kernels/quantized.ts'
import { reduction } from './kernels/reduction.ts'
import { type Outcome, runCase } from './kernels/run-case.ts'
import { standardOperators } from './kernels/standard-operators.ts'
import { transformer } from './kernels/transformer.ts'

/**
 * Regenerates core/targets/kernels.json: what the runtime on this machine really runs, found by running it. `npm run kernels [OPERATOR...]`
 * with names prints the rows of those operators and writes nothing.
 */
export async function main(only: readonly string[]): Promise<void> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const runtime = createRuntime(runtimeSpawner(fileURLToPath(new URL('../runtime-worker.mjs', import.meta.url))))
  try {
    const cases = allCases.filter(({ op }) => only.length === 0 || only.includes(op))
    const rows = await rowsOf(runtime, cases)
    if (only.length > 0) return void process.stdout.write(`${rows.map((row) => row.join(' | ')).join('\n')}\n`)
    const { name, version } = await runtime.info()
    const newest = await newestOpset(runtime)
    const table = {
      runtime: `${name} ${version}`,
      platform: `${process.platform} ${process.arch}`,
      newest,
      ...(await lifetimes(runtime, newest)),
      rows,
    }
    await writeFile(`${root}core/targets/kernels.json`, textOf(table))
  } finally {
    await runtime.close()
  }
}

const allCases: readonly KernelCase[] = [...elementwise, ...linear, ...reduction, ...movement, ...transformer, ...quantized]

/** Operator, variant, opset, and what ran without optimization and with all of it. */
type Row = readonly [op: string, variant: string, opset: number, disabled: string, all: string]

async function rowsOf(runtime: Runtime, cases: readonly KernelCase[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const each of cases) {
    const disabled = await runCase(runtime, each, 'disabled')
    const all = await runCase(runtime, each, 'all')
    rows.push([each.op, each.variant, each.opset, worded(disabled), worded(all)])
    process.stderr.write(`${rows.length}/${cases.length} ${each.op} ${each.variant}\n`)
  }
  return rows
}

/** `MatMul`, `Cast MatMul`; `load: ...` when the runtime refused the model, `run: ...` when it failed later. */
const worded = (outcome: Outcome): string => ('ran' in outcome ? outcome.ran.join(' ') : `${outcome.step}: ${outcome.reason}`)

async function lifetimes(runtime: Runtime, newest: number): Promise<{ operators: Record<string, readonly [number, number | null]> }> {
  const operators: Record<string, readonly [number, number | null]> = {}
  for (const op of standardOperators) {
    const lifetime = await lifetimeOf(runtime, op, newest)
    if (lifetime !== null) operators[op] = [lifetime.first, lifetime.last]
  }
  return { operators }
}

/** One row a line. */
function textOf({
  rows,
  operators,
  ...head
}: { rows: readonly Row[]; operators: Record<string, unknown> } & Record<string, unknown>): string {
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
  const lived = Object.entries(operators).map(([op, lifetime]) => `    ${JSON.stringify(op)}: ${JSON.stringify(lifetime)}`)
  const facts = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`)
  return `{\n${facts.join('')}  "operators": {\n${lived.join(',\n')}\n  },\n  "rows": [\n${lines}\n  ]\n}\n`
}
