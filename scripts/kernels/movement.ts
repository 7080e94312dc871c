import { casesOf, everything, floats, type KernelCase, type Template } from './case.ts'

const rows = '(x: T[4, 8]) -> (y)'
const images = '(x: T[1, 4, 8, 8]) -> (y)'
const some = ['float32', 'float16', 'bfloat16', 'int8', 'uint8', 'int32', 'int64', 'bool']

const templates: readonly Template[] = [
  { op: 'Concat', types: everything, text: '(a: T[2, 8], b: T[2, 8]) -> (y)\ny = Concat(a, b) {axis: 0}' },
  { op: 'Split', types: some, text: '(x: T[4, 8]) -> (y, z)\ny, z = Split(x) {axis: 1, num_outputs: 2}' },
  { op: 'Slice', types: everything, text: `${rows}\ns = int64[1] {1}\ne = int64[1] {3}\na = int64[1] {0}\ny = Slice(x, s, e, a)` },
  { op: 'Gather', types: everything, text: `${rows}\ni = int64[2] {3, 1}\ny = Gather(x, i)` },
  { op: 'GatherElements', types: some, text: `${rows}\ni = int64[2, 2] {3, 1, 0, 2}\ny = GatherElements(x, i)` },
  { op: 'GatherND', types: some, text: `${rows}\ni = int64[2, 1] {3, 1}\ny = GatherND(x, i)` },
  { op: 'ScatterND', types: some, text: '(x: T[4, 8], u: T[2, 8]) -> (y)\ni = int64[2, 1] {3, 1}\ny = ScatterND(x, i, u)' },
  {
    op: 'ScatterElements',
    types: some,
    text: '(x: T[4, 8], u: T[1, 8]) -> (y)\ni = int64[1, 8] {0, 1, 2, 3, 0, 1, 2, 3}\ny = ScatterElements(x, i, u)',
  },
  { op: 'Transpose', types: everything, text: `${rows}\ny = Transpose(x) {perm: [1, 0]}` },
  { op: 'Reshape', types: everything, text: `${rows}\ns = int64[2] {8, 4}\ny = Reshape(x, s)` },
  { op: 'Flatten', types: some, text: `${images}\ny = Flatten(x)` },
  { op: 'Squeeze', types: some, text: `${images}\na = int64[1] {0}\ny = Squeeze(x, a)` },
  { op: 'Unsqueeze', types: some, text: `${rows}\na = int64[1] {0}\ny = Unsqueeze(x, a)` },
  { op: 'Expand', types: some, text: '(x: T[1, 8]) -> (y)\ns = int64[2] {4, 8}\ny = Expand(x, s)' },
  { op: 'Tile', types: some, text: `${rows}\nr = int64[2] {2, 1}\ny = Tile(x, r)` },
  { op: 'Pad', types: some, text: `${rows}\np = int64[4] {1, 0, 1, 0}\ny = Pad(x, p)` },
  { op: 'DepthToSpace', types: [...floats, 'uint8'], text: `${images}\ny = DepthToSpace(x) {blocksize: 2}` },
  { op: 'SpaceToDepth', types: [...floats, 'uint8'], text: `${images}\ny = SpaceToDepth(x) {blocksize: 2}` },
  { op: 'Trilu', types: some, text: `${rows}\ny = Trilu(x)` },
  {
    op: 'OneHot',
    types: ['int32', 'int64', 'float32'],
    text: '(x: T[4]) -> (y)\nd = int64[1] {5}\nv = float32[2] {0, 1}\ny = OneHot(x, d, v)',
  },
  { op: 'NonZero', types: some, text: `${rows}\ny = NonZero(x)` },
  { op: 'Compress', types: some, text: `${rows}\nc = bool[4] {1, 0, 1, 0}\ny = Compress(x, c) {axis: 0}` },
  { op: 'ReverseSequence', types: some, text: `${rows}\nl = int64[8] {1, 2, 3, 4, 1, 2, 3, 4}\ny = ReverseSequence(x, l)` },
  { op: 'Unique', types: ['float32', 'int64'], text: '(x: T[8]) -> (y)\ny = Unique(x)' },
  { op: 'Shape', types: some, text: `${rows}\ny = Shape(x)` },
  { op: 'Size', types: some, text: `${rows}\ny = Size(x)` },
  { op: 'EyeLike', types: ['float32', 'int64'], text: `${rows}\ny = EyeLike(x)` },
  { op: 'Range', types: ['float32', 'int32', 'int64'], text: '(x: T[]) -> (y)\ns = T[] {0}\nd = T[] {1}\ny = Range(s, x, d)' },
  { op: 'ConstantOfShape', types: ['int64'], text: '(x: T[2]) -> (y)\ny = ConstantOfShape(x)' },
  {
    op: 'If',
    types: ['float32'],
    text: '(c: bool[], x: T[4]) -> (y)\ny = If(c) {then_branch: { () -> (a)\na = Neg(x) }, else_branch: { () -> (b)\nb = Abs(x) }}',
  },
  {
    op: 'Loop',
    types: ['float32'],
    text: '(x: T[4]) -> (y)\ny = Loop(int64 3, bool 1, x) {body: { (i: int64[], c: bool[], a: T[4]) -> (d: bool[], b: T[4])\nd = Identity(c)\nb = Cos(a) }}',
  },
  {
    op: 'Scan',
    types: ['float32'],
    text: '(s: T[4], x: T[3, 4]) -> (f, y)\nf, y = Scan(s, x) {num_scan_inputs: 1, body: { (a: T[4], b: T[4]) -> (c: T[4], d: T[4])\nc = Add(a, b)\nd = Neg(c) }}',
  },
]

export const movement: readonly KernelCase[] = templates.flatMap(casesOf)
