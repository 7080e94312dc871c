/** A count with its noun: `1 sample`, `1,024 samples`. Nouns whose plural takes an s. */
export function quantity(count: number, noun: string): string {
  // Not toLocaleString: the first call of it loads all of the internationalization data.
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${noun}${count === 1 ? '' : 's'}`
}
