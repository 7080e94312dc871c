/** `encoder layer 0` of four is `encoder layer 0 – 3`. */
export function pileName(name: string, count: number): string {
  const number = /^(.*?)(\d+)$/.exec(name)
  if (count < 2) return name
  return number ? `${number[1]}${number[2]} – ${Number(number[2]) + count - 1}` : `${count} × ${name}`
}
