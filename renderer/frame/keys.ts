const mac = /Mac/.test(navigator.userAgent)

/** How this platform writes its modifier keys. */
export const keys = { command: mac ? '⌘' : 'Ctrl ', shift: mac ? '⇧' : 'Shift ' } as const
