import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { GraphView } from '../../core/api/graph-view.ts'
import { drawScene } from './layouter.ts'
import { openGroups } from './open-groups.ts'
import type { Scene } from './scene.ts'

/** The drawing for what is open; while a new one is made the old one stays. */
export function useScene(graph: string, view: GraphView): Scene | null {
  const open = useStore(openGroups, ({ open }) => open)
  const [scene, setScene] = useState<Scene | null>(null)
  useEffect(() => {
    let wanted = true
    void drawScene(graph, view, open).then((drawn) => wanted && setScene(drawn))
    return () => {
      wanted = false
    }
  }, [graph, view, open])
  return scene
}
