// Deleted pictures: gone from every list at once, and brought back as long as the server keeps them.

import { toast } from '../panels/toasts.js'
import { openTrash } from '../panels/trash.js'
import { stillWanted } from '../panels/wanted.js'
import { deleteFile, fetchTrash, restoreFile } from '../run/api.js'
import { complain } from './opening.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../run/api.js').Artifact} Artifact */

/** @param {App} app @param {Artifact} artifact @returns {Promise<boolean>} whether it went */
export const throwAway = async (app, artifact) => {
  try {
    const { trash } = await deleteFile(artifact)
    app.session.hide(artifact)
    toast(`Deleted ${artifact.name}`, { actions: [{ label: 'Undo', run: () => void bringBack(app, trash) }] })
    return true
  } catch (error) {
    complain('The picture was not deleted', error)
    return false
  }
}

/** @param {App} app @param {string} id @returns {Promise<boolean>} whether it came back */
const bringBack = async (app, id) => {
  try {
    const restored = await restoreFile(id)
    app.session.unhide(restored)
    toast(`${restored.name} is back`)
    return true
  } catch (error) {
    complain('The picture did not come back', error)
    return false
  }
}

/** @param {App} app */
export const showTrash = async (app) => {
  const isWanted = stillWanted()
  try {
    const { trash } = await fetchTrash()
    if (isWanted()) openTrash(trash, (id) => bringBack(app, id))
  } catch (error) {
    complain('What was deleted cannot be listed', error)
  }
}
