import type { Model } from '../ir/model.ts'
import { type Blob, type BlobId, type Tensor, tensorAt } from '../ir/tensor.ts'
import type { Value } from '../ir/value.ts'
import { graphsOf } from '../ir/walk.ts'
import type { Store } from '../store/store.ts'

/** Smaller tensors travel inside the snapshot. */
const smallestStored = 4096

/**
 * Moves the tensors that a pass made from memory into one blob of the store, so that versions share them, processes link to them and a
 * later run finds them. The model must not be frozen yet.
 */
export async function settle(model: Model, store: Store): Promise<void> {
  const values = [...graphsOf(model.graph)].flatMap((graph) => graph.initializers).filter(isLoose)
  if (values.length === 0) return
  const places = new Map<BlobId, number>()
  const blobs: Blob[] = []
  let length = 0
  for (const { initializer } of values) {
    const { blob } = initializer!
    if (places.has(blob.id)) continue
    places.set(blob.id, length)
    blobs.push(blob)
    length += blob.size
  }
  const stored = await store.put(bytesOf(blobs))
  for (const value of values) {
    const tensor = value.initializer!
    const { blob, ...place } = tensor.ref
    value.graph.setInitializer(value, keepExtras(tensor, tensorAt(stored, { ...place, offset: places.get(blob)! + place.offset })))
  }
}

function isLoose({ initializer }: Value): boolean {
  if (initializer === null || initializer.strings !== undefined) return false
  return initializer.blob.path === undefined && initializer.ref.length >= smallestStored
}

async function* bytesOf(blobs: readonly Blob[]): AsyncGenerator<Uint8Array> {
  for (const blob of blobs) yield blob.read(0, blob.size)
}

function keepExtras(old: Tensor, tensor: Tensor): Tensor {
  return old.unknown === undefined ? tensor : { ...tensor, unknown: old.unknown }
}
