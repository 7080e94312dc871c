import { Checkbox, NumberInput, Select, TagsInput, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { OneOfField } from './one-of-field.tsx'
import { choicesOf, kindsOf, type OptionSchema, titleOf, withoutNull } from './option-schema.ts'

type Options = Readonly<Record<string, unknown>>

/** A form drawn from the option schema of a pass. A field at its default is left out of the document. */
export function OptionForm({
  schema,
  options,
  onChange,
}: {
  schema: Readonly<Record<string, unknown>>
  options: Options
  onChange: (options: Options) => void
}) {
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, OptionSchema>>)
  if (properties.length === 0) return <p className="t3 sm">This pass has no options.</p>
  const set = (name: string, value: unknown, standard: unknown) => {
    const { [name]: _old, ...others } = options
    onChange(value === undefined || JSON.stringify(value) === JSON.stringify(standard) ? others : { ...others, [name]: value })
  }
  return (
    <div className="form">
      {properties.map(([name, property]) => (
        <Field
          key={name}
          name={name}
          property={property}
          value={name in options ? options[name] : property.default}
          onChange={(value) => set(name, value, property.default)}
        />
      ))}
    </div>
  )
}

interface FieldProps {
  readonly name: string
  readonly property: OptionSchema
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}

function Field(props: FieldProps) {
  const { name, property } = props
  return (
    <div>
      <Control {...props} label={property.title ?? titleOf(name)} />
      {property.description && <p className="about">{property.description}</p>}
    </div>
  )
}

/** What an option that may be `null` shows then. */
const none = 'none'

function Control({ property: given, value, onChange, label }: FieldProps & { readonly label: string }) {
  const { schema: property, nullable } = withoutNull(given)
  const choices = choicesOf(property)
  const kinds = kindsOf(property)
  if (property.type === 'boolean')
    return <Checkbox label={label} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
  if (choices)
    return (
      <Select
        label={label}
        data={[...choices.map(String), ...(nullable ? [none] : [])]}
        value={value === undefined || value === null ? (nullable ? none : null) : String(value)}
        allowDeselect={false}
        comboboxProps={{ shadow: 'none' }}
        onChange={(chosen) => onChange(nullable && chosen === none ? null : choices.find((one) => String(one) === chosen))}
      />
    )
  if (property.type === 'number' || property.type === 'integer')
    return (
      <NumberInput
        label={label}
        placeholder={nullable ? none : undefined}
        value={typeof value === 'number' ? value : ''}
        min={property.minimum ?? property.exclusiveMinimum}
        max={property.maximum}
        step={property.type === 'integer' ? 1 : 0.01}
        allowDecimal={property.type === 'number'}
        onChange={(next) => onChange(typeof next === 'number' ? next : nullable ? null : undefined)}
      />
    )
  if (property.type === 'array' && (property.items?.type === 'string' || property.items?.enum))
    return (
      <TagsInput
        label={label}
        size="xs"
        value={Array.isArray(value) ? value.map(String) : []}
        data={property.items.enum?.map(String)}
        onChange={onChange}
      />
    )
  if (property.type === 'string')
    return (
      <TextInput
        label={label}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    )
  if (kinds) return <OneOfField label={label} kinds={kinds} value={value} onChange={onChange} />
  return <JsonField label={label} text={jsonText(value)} onChange={onChange} />
}

/** Options that have no field of their own are written as JSON; the engine says when they do not fit. */
function JsonField({ label, text, onChange }: { label: string; text: string; onChange: (value: unknown) => void }) {
  const [draft, setDraft] = useState(text)
  // The document changes under it by undo, and in the JSON view.
  useEffect(() => setDraft(text), [text])
  const take = () => {
    if (draft !== text) onChange(parsed(draft))
  }
  return (
    <TextInput
      label={label}
      placeholder="JSON"
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === 'Enter' && take()}
    />
  )
}

function parsed(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the text itself, which the engine's check then judges.
    return text
  }
}

/** What `parsed` makes the value of. */
function jsonText(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' && parsed(value) === value ? value : JSON.stringify(value)
}
