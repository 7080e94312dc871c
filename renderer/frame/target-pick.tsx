import { useStore } from 'zustand'
import type { Target } from '../../core/api/pipeline.ts'
import { setTarget } from '../actions/pipeline.ts'
import { documentStore } from '../stores/document.ts'
import { Pick } from '../ui/pick.tsx'

const titles: Readonly<Record<Target, string>> = {
  ort: 'ONNX Runtime, CPU',
  onnx: 'Any ONNX runtime',
  tensorrt: 'TensorRT',
  tflite: 'LiteRT (.tflite)',
}
const notes: Readonly<Record<Target, string>> = {
  ort: 'standard operators and those of com.microsoft',
  onnx: 'standard operators only',
  tensorrt: 'symmetric quantization with Q/DQ pairs',
  tflite: 'what the LiteRT runtime executes',
}

export function TargetPick() {
  const target = useStore(documentStore, ({ pipeline }) => pipeline.target)
  const choices = (Object.keys(titles) as Target[]).map((id) => ({ id, title: titles[id], note: notes[id] }))
  return <Pick label="Target" value={titles[target]} choices={choices} className="target-pick" onPick={(id) => setTarget(id as Target)} />
}
