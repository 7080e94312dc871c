/** What exporters call every model: it says nothing without its folder. */
const anyModel = /^model([._-].*)?\.(onnx|tflite)$/i

/** What a model is called in a list, and the folders that it lies in: `text-bert / model.onnx` in `samples`. */
export function modelTitle(path: string): { readonly title: string; readonly folders: string } {
  const parts = path.split(/[/\\]/).filter(Boolean)
  const [name, folder] = [parts.at(-1) ?? path, parts.at(-2)]
  const own = folder !== undefined && anyModel.test(name)
  return { title: own ? `${folder} / ${name}` : name, folders: parts.slice(own ? -4 : -3, own ? -2 : -1).join(' / ') }
}
