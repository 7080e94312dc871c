/** A count with its noun: `1 sample`, `1,024 samples`. Nouns whose plural takes an s. */
export function quantity(count: number, noun: string): string {
  // Not toLocaleString: the first call of it loads all of the internationalization data.
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${noun}${count === 1 ? '' : 's'}`
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes in decimal (SI) units with three digits, the unit apart so that a window can set it quietly. */
export function byteFigure(value: number): { readonly value: string; readonly unit: string } {
  let [size, unit] = [Math.abs(value), 0]
  // 999.5 would round to 1000 of the smaller unit.
  while (size >= 999.5 && unit < byteUnits.length - 1) {
    size /= 1000
    unit += 1
  }
  const digits = unit === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2
  return { value: `${value < 0 ? '−' : ''}${size.toFixed(digits)}`, unit: byteUnits[unit]! }
}

/** Bytes in decimal (SI) units with three digits: `1.59 MB`, `41.2 kB`. The one spelling of window, command line and reports. */
export function byteText(count: number): string {
  const { value, unit } = byteFigure(count)
  return `${value} ${unit}`
}
