/** What the web host and its engine process say to each other: one channel for each socket. */
export type ToEngine =
  | { readonly type: 'settings'; readonly settings: EngineSettings }
  | { readonly type: 'open'; readonly channel: number }
  | { readonly type: 'data'; readonly channel: number; readonly data: string | Uint8Array }
  | { readonly type: 'close'; readonly channel: number }

export type FromEngine =
  | { readonly type: 'ready' }
  /** What came over the channel was no request. */
  | { readonly type: 'close'; readonly channel: number }
  | { readonly type: 'data'; readonly channel: number; readonly data: string | Uint8Array }

export interface EngineSettings {
  readonly store: string
  readonly version: string
  /** Folder of the bundled samples. */
  readonly samples: string
  /** Folder of uploaded files. */
  readonly uploads: string
  /** Folder of exports that the page downloads. */
  readonly exports: string
  /** Files and folders that the host was started with. */
  readonly given: readonly string[]
}
