import { fixedBatch } from '../data/fixed-batch.ts'
import { feedsOf } from '../data/samples.ts'
import type { TensorData } from '../observe/reducer.ts'
import type { Deviation } from '../observe/sqnr.ts'
import type { InputSource, Outputs, SampleTable, SessionSpec } from '../runtime/session.ts'
import { type Bench, type MeasuredVersion, outputsOf } from './version.ts'

const checkedSamples = 4

interface Checked {
  readonly samples: SampleTable
  readonly sources: Readonly<Record<string, InputSource>>
  readonly bench: Bench
}

/** Whether the executed graph gives, bit for bit, what the deployed session gives; the sentence for the report when it does not. */
export async function checkExecuted(name: string, version: MeasuredVersion, { samples, sources, bench }: Checked): Promise<string | null> {
  const { deployed, session } = version.executed
  const found = await differences([deployed, session], { version, samples, sources, bench })
  if (found.length === 0) return null
  return `The kernels of the ${name}, run one by one, give ${found.join(' and ')} other than the deployed session: its rows may not be those of the deployed file.`
}

/**
 * Whether a version gives the same twice, and the same with and without the runtime's optimization (which removes what only training needs);
 * sentences for the report.
 */
export async function checkDeterminism(version: MeasuredVersion, { samples, sources, bench }: Checked): Promise<string[]> {
  const plain = { ...version.executed.deployed, level: 'disabled' as const }
  const asked = { version, samples, sources, bench }
  const notes: string[] = []
  const deployed = await unsteady(version.executed.deployed, asked)
  if (deployed.length > 0)
    notes.push(
      `The baseline is not deterministic: two runs of the same samples differ in ${deployed.join(', ')}. No difference to it can be judged to the bit.`,
    )
  const unoptimized = await unsteady(plain, asked)
  if (unoptimized.length > 0)
    notes.push(
      `Without the runtime's optimization the baseline is not deterministic (${unoptimized.join(', ')}): something in it is random, such as a Dropout left in training mode, which the runtime removes at deployment.`,
    )
  return notes
}

type Asked = Checked & { readonly version: MeasuredVersion }

/**
 * Outputs that are others when one session runs the same samples again. Two sessions would not show it: the runtime lets the random numbers of
 * both begin alike.
 */
async function unsteady(session: SessionSpec, { version, samples, bench }: Asked): Promise<string[]> {
  const wanted = outputsOf(version)
  const batch = fixedBatch([version.executed.version], samples)
  const passOver = async (): Promise<Outputs[]> => {
    const passed: Outputs[] = []
    for (let sample = 0; sample < Math.min(samples.count, checkedSamples); sample += batch)
      passed.push(await bench.runtime.execute({ session, feeds: await feedsOf(samples, sample, batch), wanted }, bench.control))
    return passed
  }
  const [first, second] = [await passOver(), await passOver()]
  return wanted.filter((name) => first.some((outputs, sample) => !sameBytes(outputs[name], second[sample]?.[name])))
}

const sameBytes = (a: TensorData | undefined, b: TensorData | undefined): boolean =>
  a?.dims.join() === b?.dims.join() && Buffer.compare(a?.data ?? new Uint8Array(), b?.data ?? new Uint8Array()) === 0

async function differences(sessions: readonly SessionSpec[], { version, samples, sources, bench }: Asked): Promise<string[]> {
  const outputs = outputsOf(version)
  const calls = outputs.map((name) => ({ key: name, reducer: 'sqnr', values: sessions.map((_, session) => ({ session, name })) }))
  const request = { sessions, samples, batch: 1, limit: checkedSamples, calls, io: sessions.map(() => sources) }
  const results = (await bench.runtime.observe(request, bench.control)) as Record<string, Deviation>
  return outputs.filter((name) => (results[name]?.maxAbs ?? 0) > 0 || (results[name]?.nonFinite ?? 0) > 0)
}
