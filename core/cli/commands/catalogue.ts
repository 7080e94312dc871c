import type { Command } from '../command.ts'
import { bench } from './bench.ts'
import { compare } from './compare.ts'
import { data } from './data.ts'
import { diff } from './diff.ts'
import { exportModel } from './export.ts'
import { inspect } from './inspect.ts'
import { passes } from './passes.ts'
import { recommend } from './recommend.ts'
import { run } from './run.ts'
import { ui } from './ui.ts'

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [inspect, passes, run, bench, compare, diff, recommend, data, exportModel, ui]
