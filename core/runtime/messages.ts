import type { Problem } from '../api/problem.ts'
import type {
  ExecuteRequest,
  Feeds,
  LiteRequest,
  LiteResult,
  MemoryResult,
  ObserveRequest,
  OptimizeRequest,
  Outputs,
  ProfileRequest,
  ProfileResult,
  RuntimeInfo,
  SessionSpec,
  TimeRequest,
  TimeResult,
} from './session.ts'

/** Every program of the runtime process: what it is asked and what it answers. */
export interface Programs {
  info: { request: null; result: RuntimeInfo }
  execute: { request: ExecuteRequest; result: Outputs }
  observe: { request: ObserveRequest; result: Readonly<Record<string, unknown>> }
  time: { request: TimeRequest; result: TimeResult }
  /** `folder`: an empty folder for the runtime's profile, which the caller removes (the process may die before it could). */
  profile: { request: ProfileRequest & { readonly folder: string }; result: ProfileResult }
  optimize: { request: OptimizeRequest; result: null }
  lite: { request: LiteRequest; result: LiteResult }
  memory: { request: { readonly session: SessionSpec; readonly feeds: Feeds }; result: MemoryResult }
}

export type ProgramName = keyof Programs

/** To the runtime process. */
export type Order =
  | { readonly type: 'limit-memory'; readonly bytes: number }
  | { readonly type: 'run'; readonly id: number; readonly program: ProgramName; readonly request: unknown }

/** From the runtime process. */
export type Answer =
  | { readonly type: 'progress'; readonly id: number; readonly done: number; readonly of: number }
  | { readonly type: 'done'; readonly id: number; readonly result: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly problem: Problem }

/** Begins the last line that a process writes to its error stream before it ends itself for lack of memory. */
export const memoryLimitMark = 'lathe: memory limit passed:'
