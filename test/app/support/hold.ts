import type { Page } from 'playwright-core'

/** Keeps back what the engine answers, so that one sees what a panel shows meanwhile. */
export interface Hold {
  begin(): void
  end(): void
  /** What is kept back never arrives, as when the engine ends before it has answered. */
  drop(): void
}

/** Stands between the window and the engine; the window has to be loaded (again) after this. */
export async function holdOn(page: Page): Promise<Hold> {
  const kept: (() => void)[] = []
  let holding = false
  await page.routeWebSocket(/./, (window) => {
    const engine = window.connectToServer()
    window.onMessage((message) => engine.send(message))
    engine.onMessage((message) => {
      const deliver = () => window.send(message)
      if (holding) kept.push(deliver)
      else deliver()
    })
  })
  return {
    begin() {
      holding = true
    },
    drop() {
      holding = false
      kept.splice(0)
    },
    end() {
      holding = false
      for (const deliver of kept.splice(0)) deliver()
    },
  }
}
