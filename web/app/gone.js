// Pictures that do not come: those whose files are gone are shown no more; the others are asked for again with the next connection.

import { artifactUrl } from '../run/api.js'

/** @typedef {import('./app.js').App} App */

/** Files that are being asked about. @type {Set<string>} */
const asking = new Set()

/** A picture did not come. @param {App} app @param {string} url of it, or of its thumbnail @param {import('../run/api.js').Artifact} [artifact] where the page does not know it from a run */
export const checkPicture = async ({ session }, url, artifact) => {
  const [file = ''] = url.split('?')
  if (asking.has(file)) return
  asking.add(file)
  const answer = await fetch(file, { method: 'HEAD', cache: 'no-store' }).catch(() => null)
  asking.delete(file)
  const artifacts = [...session.runs.values()].flatMap(({ steps }) => [...steps.values()].flatMap((step) => step.artifacts))
  const gone = answer?.status === 404 && (artifact ?? artifacts.find((each) => each.kind === 'image' && artifactUrl(each) === file))
  if (gone && !gone.hidden) session.hide(gone)
}
