import { useId, useState } from 'react'
import type { Decision } from '../../../core/api/recommendation.ts'
import { decide, titleOf, undecide } from '../../actions/recommend.ts'
import { Icon } from '../../ui/icon.tsx'

/** One decision: what holds and why, and what else could hold. */
export function DecisionStep({ decision, before }: { decision: Decision; before: string | null }) {
  const { id, question, because, wished, refused } = decision
  const [open, setOpen] = useState(false)
  const list = useId()
  return (
    <li className={`decision ${wished ? 'wished' : ''}`}>
      <p className="question">
        {question}
        {wished && <span className="acc"> your choice</span>}
      </p>
      <button type="button" className="answer" aria-expanded={open} aria-controls={list} onClick={() => setOpen(!open)}>
        <b>{titleOf(decision)}</b>
        <Icon name={open ? 'down' : 'right'} size={12} />
      </button>
      {before !== null && <p className="was">was: {before}</p>}
      {refused && (
        <p className="refused">
          <Icon name="caution" className="caution" size={11} /> Not {refused.answer}: {refused.because}
        </p>
      )}
      <p className="reason">{because}</p>
      <div id={list} hidden={!open}>
        {open && <Answers decision={decision} />}
        {open && (wished || refused) && (
          <button type="button" className="btn link sm" onClick={() => void undecide(id)}>
            As recommended
          </button>
        )}
      </div>
    </li>
  )
}

/** All answers with what speaks for or against each; those that cannot be are shown too, so that one sees why. */
function Answers({ decision: { id, question, chosen, answers } }: { decision: Decision }) {
  return (
    <fieldset className="answers">
      <legend className="unseen">{question}</legend>
      {answers.map((answer) => (
        <label key={answer.id} className={answer.possible ? '' : 'impossible'}>
          <input
            type="radio"
            name={`decision-${id}`}
            value={answer.id}
            checked={answer.id === chosen}
            disabled={!answer.possible}
            onChange={() => void decide(id, answer.id)}
          />
          <span>
            <b>{answer.title}</b>
            {answer.id !== chosen && <small>{answer.because}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
