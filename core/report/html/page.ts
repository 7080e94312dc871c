import type { Report } from '../../api/report.ts'

/** The report as one self-contained HTML page. */
export function reportPage(report: Report): string {
  return report.lathe
}
