/** A text read as JSON, or where and why it cannot be. */
export type ReadJson = { readonly value: unknown } | { readonly where: string; readonly what: string; readonly mend: string }

/** Reads JSON and tells of a fault by line and column, both counted from 1. */
export function readJson(text: string): ReadJson {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    const said = (error as SyntaxError).message
    const position = Number(/position (\d+)/.exec(said)?.[1] ?? text.length)
    const lines = text.slice(0, position).split('\n')
    const what = said.replace(/ in JSON at position.*$/, '').replace(/^Unexpected end of JSON input$/, 'The text ends too early')
    return { where: `line ${lines.length}, column ${lines.at(-1)!.length + 1}`, what, mend: 'The cards keep the last valid pipeline.' }
  }
}
