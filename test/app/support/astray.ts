import type { Page } from 'playwright-core'

/** Sends calls to where nothing is, so that the engine itself answers with what is wrong. */
export interface Astray {
  /** From now on this call asks of a model that is not open; a call without a model, of one that the engine has not. */
  begin(call: string): void
  end(): void
}

/** Stands between the window and the engine; the window has to be loaded (again) after this. */
export async function astrayOn(page: Page): Promise<Astray> {
  let lost = ''
  await page.routeWebSocket(/./, (window) => {
    const engine = window.connectToServer()
    window.onMessage((message) => engine.send(lost !== '' && String(message).includes(`"u":"${lost}"`) ? misled(String(message)) : message))
    engine.onMessage((message) => window.send(message))
  })
  return {
    begin(call) {
      lost = call
    },
    end() {
      lost = ''
    },
  }
}

const misled = (message: string): string =>
  message.includes('"model":"model:')
    ? message.replaceAll(/"model":"model:\w+"/g, '"model":"model:0"')
    : message.replace('"u":"/', '"u":"/gone/')
