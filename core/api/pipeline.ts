import { z } from 'zod'

export const targets = ['onnx', 'ort', 'tensorrt', 'tflite'] as const
export const targetSchema = z.enum(targets)
/** What the exported file is for: any runtime, ONNX Runtime with its contrib operators, TensorRT, LiteRT. */
export type Target = z.infer<typeof targetSchema>

export const stageSchema = z.strictObject({
  id: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]*$/i,
      'A stage id begins with a letter or digit and holds only letters, digits, dots, dashes and underscores',
    ),
  pass: z.string(),
  options: z.record(z.string(), z.unknown()).default({}),
})
export type Stage = z.infer<typeof stageSchema>

/** A pipeline file. Without `wires` the stages form a chain from `source`. */
export const pipelineSchema = z.strictObject({
  lathe: z.literal(1),
  name: z.string(),
  target: targetSchema,
  stages: z.array(stageSchema),
  wires: z.array(z.tuple([z.string(), z.string()])).optional(),
  /** Positions on the canvas; never influences a result. */
  layout: z.record(z.string(), z.object({ x: z.number(), y: z.number() })).optional(),
})
export type Pipeline = z.infer<typeof pipelineSchema>

export const families = ['tidy', 'fuse', 'precision'] as const
export type Family = (typeof families)[number]

export const fidelities = ['exact', 'rounding', 'lossy'] as const
/** How far outputs may move: `exact` bit-equal integers and equal floats, `rounding` within tolerance, `lossy` reported, not judged. */
export type Fidelity = (typeof fidelities)[number]

export const passInfoSchema = z.object({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  family: z.enum(families),
  fidelity: z.enum(fidelities),
  /** JSON schema of the options. */
  options: z.record(z.string(), z.unknown()),
})
export type PassInfo = z.infer<typeof passInfoSchema>
