import { expect, it } from 'vitest'
import { refuseOwnFiles } from '../../../core/onnx/own-files.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { sample } from '../../support/run-cli.ts'

it('a file that the model is read from is refused', () => {
  const path = sample('digits-cnn', 'model.onnx')
  const other = `${path}.not-there`
  expect(() => refuseOwnFiles(openModel(path), [other, path])).toThrow('so it cannot be written over it')
  expect(() => refuseOwnFiles(openModel(path), [other])).not.toThrow()
})
