import { documentStore } from '../stores/document.ts'

/** The pipeline as a file. */
export function savePipeline(): void {
  const { pipeline } = documentStore.getState()
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(pipeline, null, 2)}\n`], { type: 'application/json' }))
  download(url, 'pipeline.json')
  URL.revokeObjectURL(url)
}

export function download(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
