import { z } from 'zod'
import { datasetSchema } from './dataset.ts'
import { unavailableSchema } from './measurement.ts'

/** The first samples of a dataset, as a model takes them in. */
export const dataPreviewSchema = z.object({
  calibration: z.number().int(),
  evaluation: z.number().int(),
  selection: z.number().int(),
  samples: z.array(
    z.object({
      inputs: z.array(
        z.object({
          name: z.string(),
          /** `float32[3, 32, 32]`. */
          type: z.string(),
          /** The first numbers, and for token ids their text. */
          text: z.string(),
          /** PNG as a `data:` URL: the numbers of an image from the least (black) to the greatest. */
          image: z.string().nullable(),
          least: z.number(),
          greatest: z.number(),
        }),
      ),
      /** The number that a label says, or that of its class with the name: `2 (cat)`. */
      label: z.string().nullable(),
    }),
  ),
  notes: z.array(z.string()),
  /** Milliseconds of decoding, resizing and tokenizing. */
  preparationMs: z.number(),
})
export type DataPreview = z.infer<typeof dataPreviewSchema>

/** A dataset manifest proposed from a model's inputs and a folder, with what it would give. */
export const dataProposalSchema = z.object({
  folder: z.string(),
  /** Where the manifest belongs. */
  path: z.string(),
  /** Whether a manifest lies there already. */
  exists: z.boolean(),
  manifest: datasetSchema,
  /** Why a key of the manifest is what it is, by its path. */
  because: z.array(z.object({ at: z.string(), why: z.string() })),
  /** What else could stand there. */
  choices: z.object({
    /** Files and folders that hold samples, relative to the manifest. */
    files: z.array(z.string()),
    /** Arrays of an npz file or columns of a table. */
    columns: z.array(z.string()),
    outputs: z.array(z.string()),
  }),
  preview: z.union([dataPreviewSchema, unavailableSchema]),
})
export type DataProposal = z.infer<typeof dataProposalSchema>
