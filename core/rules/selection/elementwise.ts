/** Operators that compute each element from the elements at its place, broadcasting included. */
export const elementwise: readonly string[] = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sum', 'Max', 'Min', 'Where', 'PRelu', 'com.microsoft.BiasGelu'],
  ...['Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Softplus', 'Mish', 'Erf', 'Gelu'],
  ...['Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Clip', 'Cast', 'Identity', 'lathe.Activation'],
  ...['com.microsoft.Gelu', 'com.microsoft.FastGelu', 'com.microsoft.QuickGelu'],
]
