import { useStore } from 'zustand'
import type { DatasetInfo } from '../../core/api/answers.ts'
import { openDatasetForm } from '../actions/dataset-form.ts'
import { chooseData, openDialog, tell } from '../actions/open.ts'
import { sessionStore } from '../stores/session.ts'
import { plain } from '../ui/figures.ts'
import { Pick } from '../ui/pick.tsx'

/** The folder that the data lie in; what was dropped into a page lies in one that nobody has named. */
function nameOf({ path }: DatasetInfo): string {
  const [folder, file] = path.split(/[/\\]/).slice(-2)
  return (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(folder ?? '') ? file : folder) ?? path
}

/** The data that models are judged on. Without any, inputs are made up, and figures say so. */
export function DataPick() {
  const data = useStore(sessionStore, ({ data }) => data)
  const opened = useStore(sessionStore, ({ opened }) => opened)
  const beside = opened?.data ?? null
  const value = data ? `${nameOf(data)}, ${plain(data.evaluation)} samples` : 'none'
  const pick = (id: string) => {
    if (id === 'folder') openDatasetForm()
    else void (id === 'none' ? chooseData(null) : id === 'beside' ? chooseData(beside) : openDialog()).catch(tell)
  }
  const choices = [
    ...(beside === null || beside === data?.path ? [] : [{ id: 'beside', title: 'dataset.json beside the model', note: beside }]),
    { id: 'file', title: 'Open a data set…', note: 'a dataset.json together with its files' },
    { id: 'folder', title: 'Make one from a folder…', note: 'a dataset.json is proposed from what lies there' },
    { id: 'none', title: 'No data', note: 'inputs are generated from a seed; accuracy is then agreement with the source' },
  ]
  return <Pick label="Data" value={value} choices={choices} onPick={pick} className="data-pick" disabled={opened === null} />
}
