// Kept views: numbered places of the canvas to come back to, in the document beside where the editor looked last.

import { toast } from '../panels/toasts.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../kernels/geometry.js').Camera} Camera */

export const VIEW_KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9']

/** @param {unknown} view @returns {view is Camera} */
const isCamera = (view) => ['x', 'y', 'zoom'].every((field) => Number.isFinite(Reflect.get(Object(view), field))) && Reflect.get(Object(view), 'zoom') > 0

/** @param {App} app @param {string} key */
export const keepView = ({ store, editor, autosave }, key) => {
  const { x, y, zoom } = editor.camera
  store.setView({ ...store.view, x, y, zoom, kept: { ...store.view.kept, [key]: { x, y, zoom } } })
  autosave.schedule()
  toast(`Shift+${key} comes back here`)
}

/** One that is not kept yet is this one from now on. @param {App} app @param {string} key */
export const goToView = (app, key) => {
  const view = app.store.view.kept?.[key]
  if (isCamera(view)) app.editor.flyTo(view)
  else keepView(app, key)
}
