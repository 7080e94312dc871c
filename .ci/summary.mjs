/** Adds up the test runners' own JSON reports and prints the last line of a CI run. Fails when a report is missing, unreadable or empty. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const reports = ['unit.json', 'app.json']
const totals = { passed: 0, failed: 0, skipped: 0 }
let sound = true

for (const name of reports) {
  try {
    const report = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    if (report.numTotalTests === 0) throw new Error('it reports no test')
    totals.passed += report.numPassedTests
    totals.failed += report.numFailedTests + filesThatDidNotRun(report)
    totals.skipped += report.numPendingTests + report.numTodoTests
    if (!report.success) sound = false
  } catch (error) {
    process.stderr.write(`${join(folder, name)}: ${error.message}\n`)
    totals.failed += 1
  }
}

process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}\n`)
process.exitCode = sound && totals.failed === 0 ? 0 : 1

/** A file that fails before its first test has a message and no failed test of its own. */
function filesThatDidNotRun(report) {
  return report.testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
    .length
}
