import { NumberInput, Select } from '@mantine/core'
import { type kindsOf, titleOf } from './option-schema.ts'

/** One of several named numbers, such as a budget in points or in decibels: which, and how much. */
export function OneOfField({
  label,
  kinds,
  value,
  onChange,
}: {
  label: string
  kinds: NonNullable<ReturnType<typeof kindsOf>>
  value: unknown
  onChange: (value: unknown) => void
}) {
  const given = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  const kind = kinds.find(({ name }) => name in given) ?? kinds[0]!
  const { minimum, exclusiveMinimum, description } = kind.schema
  const number = given[kind.name]
  return (
    <>
      <div className="one-of">
        <Select
          label={label}
          data={kinds.map(({ name }) => ({ value: name, label: titleOf(name) }))}
          value={kind.name}
          allowDeselect={false}
          comboboxProps={{ shadow: 'none' }}
          onChange={(name) => name !== null && name !== kind.name && onChange({ [name]: number })}
        />
        <NumberInput
          aria-label={`${label}: ${titleOf(kind.name)}`}
          value={typeof number === 'number' ? number : ''}
          min={minimum ?? exclusiveMinimum}
          step={0.5}
          onChange={(next) => typeof next === 'number' && onChange({ [kind.name]: next })}
        />
      </div>
      {description && <p className="about">{description}</p>}
    </>
  )
}
