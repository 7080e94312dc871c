import { openSession } from '../ort.ts'
import type { SessionSpec } from '../session.ts'
import type { Program } from './program.ts'

/** Writes the graph that the runtime makes of a model. It holds kernels of this machine: a temporary, never an export. */
export const optimize: Program<'optimize'> = async ({ session: spec, out, data }) => {
  const external: SessionSpec['config'] =
    data === undefined
      ? {}
      : {
          'session.optimized_model_external_initializers_file_name': data,
          'session.optimized_model_external_initializers_min_size_in_bytes': '1024',
        }
  const session = await openSession({ ...spec, config: { ...external, ...spec.config } }, { optimizedModelFilePath: out })
  await session.release()
  return null
}
