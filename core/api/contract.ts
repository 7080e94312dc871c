import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import {
  comparisonSchema,
  datasetInfoSchema,
  exportedSchema,
  openedSchema,
  planSchema,
  presetSchema,
  wouldChangeSchema,
} from './answers.ts'
import { benchSchema } from './bench.ts'
import { diffSchema } from './diff.ts'
import { graphViewSchema, nodeDetailSchema } from './graph-view.ts'
import { inspectionSchema } from './inspection.ts'
import { machineSchema } from './measurement.ts'
import { passInfoSchema, pipelineSchema } from './pipeline.ts'
import { problemSchema } from './problem.ts'
import { dataProposalSchema } from './proposal.ts'
import { recommendationSchema } from './recommendation.ts'
import { reportSchema } from './report.ts'
import {
  benchRequestSchema,
  compareRequestSchema,
  datasetRequestSchema,
  diffRequestSchema,
  exportRequestSchema,
  graphViewRequestSchema,
  openRequestSchema,
  planRequestSchema,
  proposeDatasetRequestSchema,
  recommendRequestSchema,
  runRequestSchema,
  versionRequestSchema,
  wouldChangeRequestSchema,
  writeDatasetRequestSchema,
} from './requests.ts'
import { runEventSchema } from './run-event.ts'
import { stepsSchema } from './steps.ts'

/** Everything that goes wrong crosses the border as a `Problem`. */
const call = oc.errors({ PROBLEM: { status: 422, data: problemSchema } })

const nothing = z.object({})

export const sampleSchema = z.object({
  id: z.string(),
  name: z.string(),
  summary: z.string(),
  model: z.string(),
  /** Path of its dataset manifest. */
  data: z.string().nullable(),
})
export type Sample = z.infer<typeof sampleSchema>

export const recentSchema = z.object({
  path: z.string(),
  name: z.string(),
  bytes: z.number(),
  /** `null`: not opened yet. */
  openedAt: z.string().nullable(),
  /** The folder or file that the host was started with and that holds it; `null` where it was opened some other time. */
  place: z.string().nullable(),
})
export type Recent = z.infer<typeof recentSchema>

export const runStates = ['waiting', 'running', 'finished', 'failed', 'cancelled'] as const

export const runSummarySchema = z.object({
  run: z.string(),
  model: z.string(),
  /** File of the model. */
  path: z.string(),
  /** Name of the pipeline. */
  pipeline: z.string(),
  /** The pipeline itself; `null` when it was named by a preset or a file. */
  document: pipelineSchema.nullable(),
  /** Path of the dataset manifest. */
  data: z.string().nullable(),
  state: z.enum(runStates),
  startedAt: z.string(),
  /** Milliseconds so far, or in all. */
  ms: z.number(),
  stages: z.array(z.string()),
  leaves: z.array(z.string()),
})
export type RunSummary = z.infer<typeof runSummarySchema>

/** An event with its place in the run's stream (what `after` wants to go on from there), and milliseconds from the start of the run. */
export const placedEventSchema = z.object({ at: z.number().int(), ms: z.number(), event: runEventSchema })
export type PlacedEvent = z.infer<typeof placedEventSchema>

/**
 * Every call that crosses from a window or a script to the engine. Hosts serve it over a MessagePort or a WebSocket.
 * A handle (`model`, `run`) is good until it is closed or the engine ends.
 */
export const contract = {
  models: {
    open: call.input(openRequestSchema).output(openedSchema),
    /** Opens a file that was uploaded to the web host. */
    openUpload: call.input(z.object({ upload: z.string() })).output(openedSchema),
    /** A model that is open, by its handle: for a window that was loaded again, or that looks at a run of another. Counts as one more holder. */
    reopen: call.input(z.object({ model: z.string() })).output(openedSchema),
    /** One holder less; the last one closes the model. */
    close: call.input(z.object({ model: z.string() })).output(nothing),
    samples: call.output(z.array(sampleSchema)),
    recents: call.output(z.array(recentSchema)),
    inspect: call.input(versionRequestSchema).output(inspectionSchema),
    graphView: call.input(graphViewRequestSchema).output(graphViewSchema),
    nodeDetail: call.input(versionRequestSchema.extend({ node: z.string() })).output(nodeDetailSchema),
    diff: call.input(diffRequestSchema).output(diffSchema),
    /** In its turn among the runs, as both of these time something. */
    compare: call.input(compareRequestSchema).output(eventIterator(stepsSchema(comparisonSchema))),
    bench: call.input(benchRequestSchema).output(eventIterator(stepsSchema(benchSchema))),
    export: call.input(exportRequestSchema).output(exportedSchema),
  },
  pipelines: {
    passes: call.output(z.array(passInfoSchema)),
    presets: call.output(z.array(presetSchema)),
    plan: call.input(planRequestSchema).output(planSchema),
    wouldChange: call.input(wouldChangeRequestSchema).output(wouldChangeSchema),
    recommend: call.input(recommendRequestSchema).output(recommendationSchema),
  },
  runs: {
    /** Starts (or queues: one run measures at a time) and answers at once. */
    start: call.input(runRequestSchema).output(z.object({ run: z.string() })),
    /** The events of a run from the one after `after` on (-1 unless given: all), until it ends. */
    events: call.input(z.object({ run: z.string(), after: z.number().int().optional() })).output(eventIterator(placedEventSchema)),
    cancel: call.input(z.object({ run: z.string() })).output(nothing),
    list: call.output(z.array(runSummarySchema)),
    report: call.input(z.object({ run: z.string() })).output(reportSchema),
    /** The report as one self-contained HTML page. */
    reportPage: call.input(z.object({ run: z.string() })).output(z.object({ html: z.string() })),
  },
  machine: call.output(machineSchema),
  dataset: call.input(datasetRequestSchema).output(datasetInfoSchema),
  datasets: {
    /** A manifest for a model and a folder of samples, with the first of them as the model takes them in. */
    propose: call.input(proposeDatasetRequestSchema).output(dataProposalSchema),
    /** Writes a manifest into its folder. */
    write: call.input(writeDatasetRequestSchema).output(z.object({ path: z.string() })),
  },
}
