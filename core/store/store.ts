import type { Blob, BlobId } from '../ir/tensor.ts'

/** A key for `memo`: everything that a result depends on, as plain data. Hashed canonically (sorted keys). */
export type MemoKey = Readonly<Record<string, unknown>>

export interface MemoOptions<T> {
  /** Ignores what is remembered and makes it again. */
  readonly fresh?: boolean
  /** Whether a remembered result still holds (blobs that it names may have been pruned); made again when not. */
  readonly valid?: (value: T) => Promise<boolean>
}

/**
 * Content-addressed files and remembered results under one folder. Writes are atomic (temporary file, then rename), so a kill leaves no half result.
 */
export interface Store {
  /** Folder on disk. */
  readonly root: string
  /** Adds bytes as a blob; equal content gives the same id. */
  put(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<Blob>
  blob(id: BlobId): Promise<Blob | null>
  /** Path of a stored blob, to hand to another process. */
  pathOf(id: BlobId): string
  /** The remembered JSON result of `make`, which runs at most once at a time for a key, also between processes. Typed arrays, NaN and infinities survive. */
  memo<T>(key: MemoKey, make: () => Promise<T>, options?: MemoOptions<T>): Promise<{ readonly value: T; readonly cached: boolean }>
  /** A new empty folder for files that live as long as a run. */
  scratch(label: string): Promise<{ readonly path: string; remove(): Promise<void> }>
}
