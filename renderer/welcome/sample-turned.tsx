/** The way through, in three clicks. */
export function SampleTurned() {
  return (
    <section className="full">
      <h2 className="h">
        In three clicks
        <span className="steps">
          <i>1</i>Sample<i>2</i>Run<i>3</i>Export
        </span>
      </h2>
    </section>
  )
}
