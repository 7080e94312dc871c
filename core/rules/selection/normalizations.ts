/** Normalizations over the last axes, which treat the positions before them one by one. */
export const normalizations: readonly string[] = ['lathe.Norm', 'LayerNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization']
