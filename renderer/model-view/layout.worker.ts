import { buildScene } from './build-scene.ts'
import type { GraphIndex } from './graph-index.ts'
import { indexOf } from './graph-index.ts'
import type { FromLayout, ToLayout } from './layout-messages.ts'

/** Lays out graphs beside the window's thread; keeps the index of the graphs that it has seen. */
const indices = new Map<string, GraphIndex>()

addEventListener('message', ({ data }: MessageEvent<ToLayout>) => {
  if (data.type === 'graph') indices.set(data.key, indexOf(data.view))
  else if (data.type === 'forget') indices.clear()
  else answer({ id: data.id, scene: buildScene(indices.get(data.key)!, new Set(data.open)) })
})

const answer = (message: FromLayout) => postMessage(message)
