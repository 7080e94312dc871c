import { intOf } from '../../ir/attributes.ts'
import type { DType } from '../../ir/dtype.ts'
import type { Dim } from '../../ir/value.ts'
import { type Call, type Family, type Infer, likeFirst, tensor } from '../operator.ts'

/** Entries of a list attribute; `null` when it is not there. */
function lengthOf({ node }: Call, name: string): number | null {
  const found = node.attributes.get(name)
  return found?.type === 'ints' || found?.type === 'floats' || found?.type === 'strings' ? found.value.length : null
}

const floatsLike: Infer = (call) => [tensor('float32', call.shape(0))]

/** Each entry is replaced by a value of the type of the list that is given. */
const labelEncoder: Infer = (call) => {
  const lists: readonly (readonly [string, DType])[] = [
    ['values_strings', 'string'],
    ['values_int64s', 'int64'],
    ['values_floats', 'float32'],
  ]
  const given = lists.find(([name]) => call.node.attributes.has(name))?.[1]
  const stored = call.node.attributes.get('values_tensor')
  const dtype = given ?? (stored?.type === 'tensor' ? stored.value.ref.dtype : null)
  // Before version 2 of the operator set, texts became whole numbers and the other way about.
  return [tensor(dtype ?? (call.dtype(0) === 'string' ? 'int64' : 'string'), call.shape(0))]
}

/** Samples [n, features], or one [features]. */
const rowsOf = (call: Call): Dim => {
  const shape = call.shape(0)
  return shape?.length === 1 ? 1 : (shape?.[0] ?? null)
}

/** The label of each sample, and a score for each class. */
const classifier =
  (strings: string, ints: string): Infer =>
  (call) => {
    const [texts, numbers] = [lengthOf(call, strings), lengthOf(call, ints)]
    return [tensor(texts ? 'string' : 'int64', [rowsOf(call)]), tensor('float32', [rowsOf(call), texts || numbers || null])]
  }

const regressor =
  (name: string): Infer =>
  (call) => [tensor('float32', [rowsOf(call), intOf(call.node, name, 1)])]

/** Operators of ai.onnx.ml whose results have a shape of their own; sequences and maps are not followed. */
export const machineLearning: Family = {
  Binarizer: { infer: likeFirst },
  Imputer: { infer: likeFirst },
  Normalizer: { infer: floatsLike },
  Scaler: { infer: floatsLike },
  LabelEncoder: { infer: labelEncoder },
  LinearClassifier: { infer: classifier('classlabels_strings', 'classlabels_ints') },
  TreeEnsembleClassifier: { infer: classifier('classlabels_strings', 'classlabels_int64s') },
  LinearRegressor: { infer: regressor('targets') },
  TreeEnsembleRegressor: { infer: regressor('n_targets') },
}
