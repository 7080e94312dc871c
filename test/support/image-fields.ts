import { normals, seeded } from './seeds.ts'

export interface FieldShape {
  readonly count: number
  /** Channels, height, width. */
  readonly dims: readonly [number, number, number]
  /** What the darkest and the brightest elements are. */
  readonly range: readonly [number, number]
  readonly seed: string
}

/**
 * Made-up samples that vary as images do, [count, channels, height, width]: smooth fields whose finer parts are weaker, shared by the channels
 * for the most part, with some flat objects of sharp edges before them.
 */
export function imageFields({ count, dims: [channels, height, width], range: [low, high], seed }: FieldShape): Float32Array {
  const [normal, uniform] = [normals(seeded(`${seed} fields`)), seeded(`${seed} objects`)]
  const values = new Float32Array(count * channels * height * width)
  for (let sample = 0; sample < count; sample++) {
    const planes = Array.from({ length: channels }, () => new Float32Array(height * width))
    const shared = new Float32Array(height * width)
    for (let cell = Math.max(height, width) / 2, size = 1; cell >= 2; cell /= 2, size *= 0.6) {
      addSmooth(shared, { width, cell, size }, normal)
      for (const plane of planes) addSmooth(plane, { width, cell, size: 0.35 * size }, normal)
    }
    for (let object = 0; object < 6; object++) addObject(planes, { shared, width, height }, { normal, uniform })
    planes.forEach((plane, channel) => {
      const from = (sample * channels + channel) * plane.length
      plane.forEach((own, i) => {
        const brightness = 0.5 + (own + (shared[i] as number) + 0.05 * normal()) / 5
        values[from + i] = low + (high - low) * Math.max(0, Math.min(1, brightness))
      })
    })
  }
  return values
}

type Draw = () => number

/** Adds normal numbers on a coarse lattice, interpolated between its points. */
function addSmooth(to: Float32Array, { width, cell, size }: { width: number; cell: number; size: number }, normal: Draw): void {
  const columns = Math.ceil(width / cell) + 2
  const rows = Math.ceil(to.length / width / cell) + 2
  const lattice = Float32Array.from({ length: rows * columns }, () => size * normal())
  for (let i = 0; i < to.length; i++) {
    const [y, x] = [Math.floor(i / width) / cell, (i % width) / cell]
    const [row, column] = [Math.floor(y), Math.floor(x)]
    const [down, right] = [y - row, x - column]
    const at = (r: number, c: number) => lattice[(row + r) * columns + column + c] as number
    const above = (1 - right) * at(0, 0) + right * at(0, 1)
    const below = (1 - right) * at(1, 0) + right * at(1, 1)
    to[i] = (to[i] as number) + (1 - down) * above + down * below
  }
}

/** Puts a rectangle or an ellipse of one colour before what is there. */
function addObject(
  planes: readonly Float32Array[],
  { shared, width, height }: { shared: Float32Array; width: number; height: number },
  { normal, uniform }: { normal: Draw; uniform: Draw },
): void {
  const [x, y] = [uniform() * width, uniform() * height]
  const [across, down] = [(0.05 + 0.2 * uniform()) * width, (0.05 + 0.2 * uniform()) * height]
  const round = uniform() < 0.5
  const colours = planes.map(() => 1.5 * normal())
  for (let i = 0; i < shared.length; i++) {
    const [dx, dy] = [((i % width) - x) / across, (Math.floor(i / width) - y) / down]
    if (round ? dx * dx + dy * dy >= 1 : Math.max(Math.abs(dx), Math.abs(dy)) >= 1) continue
    planes.forEach((plane, channel) => {
      plane[i] = (colours[channel] as number) - 0.7 * (shared[i] as number)
    })
  }
}
