import type { GraphView } from '../../core/api/graph-view.ts'
import type { Scene } from './scene.ts'

export type ToLayout =
  | { readonly type: 'graph'; readonly key: string; readonly view: GraphView }
  | { readonly type: 'layout'; readonly id: number; readonly key: string; readonly open: readonly string[] }
  | { readonly type: 'forget' }

export interface FromLayout {
  readonly id: number
  readonly scene: Scene
}
