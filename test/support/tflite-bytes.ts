import { type DataPlace, encodeParts } from '../../core/tflite/encode.ts'
import type { TfliteFile } from '../../core/tflite/file.ts'

/** The bytes of a file in one piece. */
export const encodeFile = (file: TfliteFile, place?: DataPlace): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.concat(encodeParts(file, place)))
