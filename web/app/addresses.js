// A link that was dropped or pasted: what it leads to is taken like a file; a model comes by its loader where it is there.

import { addNode } from '../document/edits.js'
import { LOADERS } from '../kernels/model_kind.js'
import { toast } from '../panels/toasts.js'
import { isModelFile } from './models.js'
import { takeFiles } from './opening.js'

/** @typedef {import('./app.js').App} App */

/** @param {App} app @param {string} address @param {{world?: readonly [number, number], node?: string | null}} [place] */
export const takeAddress = async (app, address, place = {}) => {
  const url = new URL(address)
  const name = decodeURIComponent(url.searchParams.get('filename') ?? url.pathname.split('/').at(-1) ?? '') || url.host
  if (isModelFile({ name })) return takeModelNamed(app, name, { linked: true })
  if (url.origin !== location.origin && !/\.\w+$/.test(name)) return void toast(`${url.host} shows a page there: save what it offers, then drop the file here`)
  // Pages of this program fetch from their own server alone: no workflow makes them tell anything to another.
  if (url.origin !== location.origin) return void toast(`${name} lies on ${url.host}: save it, then drop the file here`)
  const answer = await fetch(url)
  if (!answer.ok) return void toast(`There is no ${name} on this server`, { kind: 'error' })
  const blob = await answer.blob()
  await takeFiles(app, [new File([blob], name, { type: blob.type })], place)
}

/** Files of weights are too large for a page to fetch. @param {App} app @param {string} name @param {{linked?: boolean}} [options] linked: it can be downloaded */
export const takeModelNamed = ({ store, catalog, selection, editor }, name, { linked = false } = {}) => {
  for (const [loader, input] of LOADERS) {
    const widget = catalog.nodes.get(loader)?.inputs.find((each) => each.name === input)?.widget
    const present = widget?.choices?.find((choice) => String(choice).split('/').at(-1) === name)
    if (present === undefined) continue
    selection.set({ nodes: [addNode(store, catalog, { type: loader, position: editor.pointer, inputs: { [input]: present } })] })
    return
  }
  toast(linked ? `${name}: download it into the folder of its kind below models/, then drop the link again` : `${name}: put it into the folder of its kind below models/, then choose it in a loader`)
}
