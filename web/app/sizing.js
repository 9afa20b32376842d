// The size of a picture, set as a whole: presets of the model's kind, its shape kept, its sides swapped.

import { inputType } from '../document/catalog.js'
import { setInput } from '../document/edits.js'
import { heightOf } from '../kernels/fitting.js'
import { reachable } from '../kernels/graph_walk.js'
import { openSize } from '../panels/size.js'

/** @typedef {import('./app.js').App} App */

/** The kind of model in the part of the graph that a node is in. @param {App} app @param {string} node @returns {string | undefined} */
const familyNear = ({ store, plan }, node) => {
  const below = reachable(node, 'down', (id) => store.linksFrom(id))
  for (const id of reachable(below, 'up', (each) => store.linksTo(each))) {
    for (const facts of Object.values(plan.facts[id] ?? {})) if (typeof facts.family === 'string') return facts.family
  }
  return undefined
}

/** @param {App} app @param {string} node @param {string} width the input's name @param {readonly [number, number]} client */
export const editSize = async (app, node, width, client) => {
  const { store, catalog } = app
  const record = store.node(node)
  const height = heightOf(width)
  const types = [width, height ?? ''].map((name) => inputType(catalog, record?.type ?? '', name))
  const [across, down] = types.map((type) => type?.widget)
  if (!record || !height || across?.kind !== 'int' || down?.kind !== 'int') return
  const isFree = (/** @type {string} */ name) => store.linksTo(node, name).length === 0 && typeof record.inputs?.[name] === 'number'
  if (!isFree(width) || !isFree(height)) return
  const read = () => ({ width: Number(store.node(node)?.inputs?.[width]), height: Number(store.node(node)?.inputs?.[height]) })
  await openSize({
    client, size: read(), family: familyNear(app, node), limits: { min: across.min ?? 1, max: across.max ?? 16384 },
    change: (size) => store.edit('Set size', () => {
      setInput(store, node, width, size.width)
      setInput(store, node, height, size.height)
    }, { coalesce: `size ${node}` }),
  })
}
