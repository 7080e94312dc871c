import { ProblemError } from '../api/problem.ts'
import { makeFolder } from '../store/make-folder.ts'

/** Makes the folder that something is written to. Throws the problem `no-folder`, which says what could not be written and where the user asked for it. */
export async function outputFolder(folder: string, { what, file }: { what: string; file: string }): Promise<void> {
  try {
    await makeFolder(folder)
  } catch (error) {
    throw new ProblemError({
      kind: 'file',
      code: 'no-folder',
      what,
      where: { file },
      mend: 'Choose another place, or give yourself the permission.',
      details: (error as Error).message,
    })
  }
}
