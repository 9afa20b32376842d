// Going to kept views, and keeping them.

import { keepView as keep, keptView } from '../document/views.js'
import { toast } from '../panels/toasts.js'

/** @typedef {import('./app.js').App} App */

export const VIEW_KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9']

/** @param {App} app @param {string} key */
export const keepView = ({ store, editor }, key) => {
  keep(store, key, editor.camera)
  toast(`Shift+${key} comes back here`)
}

/** One that is not kept yet is this one from now on. @param {App} app @param {string} key */
export const goToView = (app, key) => {
  const view = keptView(app.store, key)
  if (view) app.editor.flyTo(view)
  else keepView(app, key)
}
