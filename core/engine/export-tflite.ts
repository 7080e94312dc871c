import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ProblemError } from '../api/problem.ts'
import { referencesOf } from '../ir/reference.ts'
import { convert } from '../tflite/convert.ts'
import type { Draft, DraftInput, Refusal } from './export.ts'

/** A version as .tflite, or the whole list of what cannot be converted. */
export function tfliteDraft({ found, request }: DraftInput): Draft | Refusal {
  const { model } = found
  const { converted, unsupported } = convert(model, { nhwc: request.nhwcInputs ?? false })
  if (converted === null) {
    const references = referencesOf(model)
    return {
      unsupported: unsupported.map(({ node, reason, mend }) => ({
        node: references.get(node) ?? node.id,
        op: node.domain === '' ? node.opType : `${node.domain}.${node.opType}`,
        reason: `${reason}. ${mend}`,
      })),
    }
  }
  const adapted = [...converted.inputs, ...converted.outputs].filter(({ from, to, perm }) => from !== to || perm !== null)
  return {
    ops: {},
    notes: adapted.map(
      ({ name, from, to, perm }) =>
        `'${name}' is ${to}${from === to ? '' : ` instead of ${from}`}${perm === null ? '' : ', channels last'}.`,
    ),
    async write(folder) {
      const path = join(folder, basename(request.out))
      try {
        await writeFile(path, converted.bytes)
      } catch (error) {
        const mend = 'Make room, or choose another place.'
        throw new ProblemError({
          kind: 'file',
          code: 'not-written',
          what: 'The file cannot be written',
          where: { file: request.out },
          mend,
          details: (error as Error).message,
        })
      }
      return [path]
    },
    run: null,
  }
}
