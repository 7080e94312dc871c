import type { Preset } from '../../api/answers.ts'
import type { Pass } from '../../pass.ts'
import { cpuInt8 } from './cpu-int8.ts'
import { cpuInt8Static } from './cpu-int8-static.ts'
import { llmInt4 } from './llm-int4.ts'
import { mobileInt8 } from './mobile-int8.ts'
import { safe } from './safe.ts'
import { tensorrtInt8 } from './tensorrt-int8.ts'

const all: readonly Preset[] = [safe, cpuInt8, cpuInt8Static, llmInt4, tensorrtInt8, mobileInt8]

/** The presets whose passes this installation has, in the order in which they are shown. */
export function presetsWith(passes: readonly Pass[]): readonly Preset[] {
  const known = new Set(passes.map(({ id }) => id))
  return all.filter(({ pipeline }) => pipeline.stages.every(({ pass }) => known.has(pass)))
}
