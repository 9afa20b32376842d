// A file of weights dropped on the canvas: it says what it is, and its loader comes where the file is in place already.

import { addNode } from '../document/edits.js'
import { kindOfNames, safetensorsNames } from '../kernels/model_kind.js'
import { toast } from '../panels/toasts.js'

/** @typedef {import('./app.js').App} App */

/** @param {Pick<File, 'name'>} file */
export const isModelFile = ({ name }) => /\.(safetensors|sft|ckpt|pt|pth|bin)$/i.test(name)

/** Files of weights are too large to send: a browser sees the name, and of a safetensors file the header. @param {App} app @param {File} file @param {readonly [number, number]} world */
export const takeModel = async (app, file, [x, y]) => {
  const kind = /\.(safetensors|sft)$/i.test(file.name) ? kindOfNames(await safetensorsNames(file)) : null
  if (!kind) return void toast(`${file.name}: put it into the folder of its kind below models/, then choose it in a loader`)
  const widget = app.catalog.nodes.get(kind.loader)?.inputs.find(({ name }) => name === kind.input)?.widget
  const present = widget?.choices?.find((choice) => String(choice).split('/').at(-1) === file.name)
  if (!present) return void toast(`${file.name} is a ${kind.kind}: put it into models/${kind.folder}, then drop it again`)
  app.selection.set({ nodes: [addNode(app.store, app.catalog, { type: kind.loader, position: [x, y], inputs: { [kind.input]: present } })] })
}
