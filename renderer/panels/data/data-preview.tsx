import type { DataProposal } from '../../../core/api/proposal.ts'
import { plain } from '../../ui/figures.ts'

const figure = (value: number) => String(Number(value.toPrecision(4)))

/** The first samples as the model takes them: pictures from the very numbers, token ids with their text. */
export function DataPreview({ preview }: { preview: DataProposal['preview'] }) {
  if ('unavailable' in preview)
    return (
      <div className="data-preview">
        <p role="alert" className="data-broken">
          No sample could be read: {preview.unavailable}
        </p>
      </div>
    )
  const { samples, evaluation, calibration, notes } = preview
  return (
    <div className="data-preview">
      <p className="t2">
        {plain(evaluation)} samples to judge on, {plain(calibration)} to calibrate with. The first, as the model takes them:
      </p>
      {samples.map(({ inputs, label }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a sample has no name but its position
        <div className="data-sample" key={at}>
          {inputs.map(({ name, type, text, image, least, greatest }) => (
            <div key={name}>
              <div className="sm t2">
                <b className="mono">{name}</b> {type}, {figure(least)} to {figure(greatest)}
              </div>
              {image ? <img src={image} alt={`Sample ${at} of ${name}`} /> : <div className="mono sm">{text}</div>}
            </div>
          ))}
          {label !== null && (
            <div className="sm">
              <span className="t2">label</span> {label}
            </div>
          )}
        </div>
      ))}
      {notes.map((note) => (
        <p key={note} className="sm t2">
          {note}
        </p>
      ))}
    </div>
  )
}
