import { z } from 'zod'
import { suggestion } from '../api/nearest.ts'
import type { Stage } from '../api/pipeline.ts'
import { ProblemError } from '../api/problem.ts'
import type { Pass } from '../pass.ts'

/**
 * Stages with `stage-id.option=JSON` settings put over their options.
 * @throws ProblemError `usage` when a setting names no stage or no option, or its value is no JSON or none that the option takes
 */
export function applySettings(stages: readonly Stage[], settings: readonly string[], passes: readonly Pass[]): Stage[] {
  const changed = stages.map((stage) => ({ ...stage, options: { ...stage.options } }))
  for (const setting of settings) {
    const { stage: id, option, value } = partsOf(setting)
    const stage = changed.find((candidate) => candidate.id === id)
    if (stage === undefined) {
      const ids = stages.map((candidate) => candidate.id)
      throw wrong(setting, `There is no stage '${id}' in the pipeline`, suggestion(id, ids))
    }
    const pass = passes.find((candidate) => candidate.id === stage.pass)!
    const known = optionNames(pass)
    if (known !== null && !known.includes(option)) {
      throw wrong(setting, `Pass '${stage.pass}' has no option '${option}'`, suggestion(option, known))
    }
    stage.options[option] = value
    checkValue(setting, pass, stage.options, option)
  }
  return changed
}

/** What else may be wrong with the options stands in the pipeline file, and is found there. */
function checkValue(setting: string, pass: Pass, options: Readonly<Record<string, unknown>>, option: string): void {
  const issue = pass.options.safeParse(options).error?.issues.find(({ path }) => path[0] === option)
  if (issue === undefined) return
  const inside = issue.path.slice(1).join('.')
  throw wrong(
    setting,
    inside === '' ? issue.message : `${inside}: ${issue.message}`,
    'Give the option another value; `lathe passes` lists what it takes.',
  )
}

/** Names of a pass's options; `null` when its schema lists none (free-form). */
function optionNames(pass: Pass): string[] | null {
  const schema = z.toJSONSchema(pass.options, { io: 'input', unrepresentable: 'any' })
  return schema.properties === undefined ? null : Object.keys(schema.properties)
}

function partsOf(setting: string): { stage: string; option: string; value: unknown } {
  const equals = setting.indexOf('=')
  // Stage ids may hold dots, option names do not.
  const dot = setting.lastIndexOf('.', equals)
  if (equals < 0 || dot <= 0)
    throw wrong(setting, 'This is not a setting', 'Write it as stage-id.option=JSON, for instance int8.perChannel=true.')
  return { stage: setting.slice(0, dot), option: setting.slice(dot + 1, equals), value: jsonOf(setting, setting.slice(equals + 1)) }
}

function jsonOf(setting: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // Shells eat quotes, and nothing else is meant by a bare word.
    if (/^[\w./:*-]+$/.test(text)) return text
    throw wrong(
      setting,
      `'${text}' is not JSON: ${(error as Error).message}`,
      'Quote it for the shell, for instance \'int8.exclude=["logits"]\'.',
    )
  }
}

function wrong(setting: string, what: string, mend: string): ProblemError {
  return new ProblemError({ kind: 'usage', code: 'bad-setting', what, where: { path: `--set ${setting}` }, mend })
}
