import packageFile from '../../package.json' with { type: 'json' }

/** The version of Lathe. */
export const version: string = packageFile.version
