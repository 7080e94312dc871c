/** Whether a model is named by the handle that opening it gave, and not by a path. */
export const isHandle = (model: string): boolean => /^model:\d+$/.test(model)
