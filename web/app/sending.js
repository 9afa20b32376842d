// Pictures sent on: their file goes into the input folder, and then to where the workflow wants it.

import { answering } from '../document/answering.js'
import { DESTINATIONS, sendPicture } from '../document/send_picture.js'
import { toast } from '../panels/toasts.js'
import { uploadImage } from '../run/api.js'
import { editMask } from './masking.js'
import { complain } from './opening.js'
import { editFrame } from './outpainting.js'
import { undoButton } from './undoing.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/send_picture.js').Destination} Destination */

/** Where a picture can go. @param {App} app @param {string} url @returns {{label: string, run: () => void}[]} */
export const sendRows = (app, url) => DESTINATIONS.map(({ to, label }) => ({ label, run: () => void send(app, url, to) }))

/** @param {App} app @param {string} url @param {Destination} to */
const send = async (app, url, to) => {
  const write = answering(app.store)
  try {
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
    const blob = await answer.blob()
    const { name } = await uploadImage(new File([blob], nameOf(url), { type: blob.type }))
    await app.reloadCatalog()
    const loader = write(() => sendPicture(app.store, app.catalog, to, name))
    app.selection.set({ nodes: [loader] })
    app.editor.frame()
    toast(app.store.undoLabel?.replace('Send', 'Sent') ?? 'Sent', { actions: [undoButton(app.store)] })
    if (to === 'mask') await editMask(app, loader)
    if (to === 'outpaint') await editFrame(app, loader)
  } catch (error) {
    complain('The picture was not sent', error)
  }
}

/** A file's own name; what lies on an output has none. @param {string} url */
const nameOf = (url) => (url.includes('/values/') ? 'picture.png' : decodeURIComponent(url.split('?')[0]?.split('/').at(-1) ?? '') || 'picture.png')
