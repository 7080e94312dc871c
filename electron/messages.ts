import type { RuntimeNews, RuntimeWish } from '../core/engine.ts'

/** What the shell tells the engine's process (ports travel beside the messages), and what it is asked. */
export type ToEngine = { type: 'settings'; store: string; samples: string; version: string } | { type: 'window' } | RuntimeNews
export type FromEngine = RuntimeWish

/** Channels between the shell and its window. */
export const channels = {
  ...{ connect: 'lathe:connect', port: 'lathe:port', opened: 'lathe:opened' },
  ...{ open: 'lathe:open', save: 'lathe:save', reveal: 'lathe:reveal', progress: 'lathe:progress' },
} as const
