import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight'
import { useStore } from 'zustand'
import { closeModel } from '../actions/close.ts'
import { openExport } from '../actions/export.ts'
import { openDialog, openFirstSample, openPath, tell } from '../actions/open.ts'
import { addPass, takePreset } from '../actions/pipeline.ts'
import { recommend } from '../actions/recommend.ts'
import { saveReport } from '../actions/report.ts'
import { cancelRun, startRun } from '../actions/run.ts'
import { savePipeline } from '../actions/save-pipeline.ts'
import { useRecents } from '../resources/welcome.ts'
import { documentStore } from '../stores/document.ts'
import { sessionStore, showTab, type Theme, tabs } from '../stores/session.ts'
import { modelTitle } from '../ui/model-title.ts'
import { keys } from './keys.ts'

/** Everything by name: commands, passes, presets. */
export function Commands() {
  const passes = useStore(sessionStore, ({ passes }) => passes)
  const presets = useStore(sessionStore, ({ presets }) => presets)
  const opened = useStore(sessionStore, ({ opened }) => opened !== null)
  const recents = useRecents()
  const groups: SpotlightActionGroupData[] = [
    { group: 'Commands', actions: opened ? [...always, ...withModel] : always },
    ...(recents.state === 'ready' && recents.value.length > 0
      ? [
          {
            group: 'Open a model',
            actions: recents.value.map(({ path, openedAt }) =>
              action(
                `recent:${path}`,
                `${openedAt === null ? 'Open' : 'Open recent:'} ${modelTitle(path).title}`,
                path,
                () => void openPath(path),
              ),
            ),
          },
        ]
      : []),
    ...(opened
      ? [
          {
            group: 'Add a pass',
            actions: passes.map(({ id, title, summary }) => action(`pass:${id}`, title, summary, () => addPass(id))),
          },
        ]
      : []),
    { group: 'Presets', actions: presets.map(({ id, summary }) => action(`preset:${id}`, id, summary, () => takePreset(id))) },
  ]
  return (
    <Spotlight
      actions={groups}
      shortcut={['mod + K']}
      nothingFound="Nothing is called that."
      highlightQuery
      scrollable
      maxHeight={420}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      transitionProps={{ duration: 0 }}
      searchProps={{ placeholder: 'Commands and passes', 'aria-label': 'Commands and passes', ref: listenAtOnce }}
    />
  )
}

/** Focused as it appears: the trap of the dialog focuses a moment later, and what one types meanwhile would be lost. */
const listenAtOnce = (input: HTMLInputElement | null): void => input?.focus()

function action(id: string, label: string, description: string, onClick: () => void): SpotlightActionData {
  return { id, label, description, onClick }
}

const theme = (name: Theme, label: string) => action(`theme:${name}`, label, '', () => sessionStore.setState({ theme: name }))

const always: SpotlightActionData[] = [
  action('open', 'Open a model, a pipeline or a data set…', `${keys.command}O`, () => void openDialog()),
  action('sample', 'Open the sample', 'a trained model with labelled data', () => void openFirstSample().catch(tell)),
  theme('light', 'Theme: light'),
  theme('dark', 'Theme: dark'),
  theme('system', 'Theme: as the system'),
]

const withModel: SpotlightActionData[] = [
  action('close', 'Close the model: Welcome', 'what runs goes on and is listed there', () => void closeModel()),
  action('run', 'Run the pipeline', `${keys.command}Enter`, () => void startRun()),
  action('cancel', 'Cancel the run', '', () => void cancelRun()),
  action('export', 'Export', `${keys.command}${keys.shift}E`, openExport),
  action('recommend', 'Recommend a pipeline for this model', 'from its structure, the target and the data', () => void recommend()),
  action('save', 'Save the pipeline', `${keys.command}S`, savePipeline),
  action('report', 'Save the report of the run', 'as one page', () => void saveReport()),
  action('undo', 'Undo', `${keys.command}Z`, () => documentStore.undo()),
  action('redo', 'Redo', `${keys.command}${keys.shift}Z`, () => documentStore.redo()),
  ...tabs.map((tab) => action(`tab:${tab}`, `Show ${tab}`, '', () => showTab(tab))),
]
