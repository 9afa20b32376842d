// What the form shows of the open workflow, and what its fields do.

import { inputType, valueOf } from '../document/catalog.js'
import { setInput } from '../document/edits.js'
import { addParameter, formFields, parametersOf, removeParameter } from '../document/parameters.js'
import { chipText, isSweep } from '../document/sweeps.js'
import { resultsOf } from '../panels/results.js'
import { ownRuns } from './app.js'
import { takePicture } from './opening.js'
import { showResults } from './results.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/catalog.js').Problem} Problem */

/** @param {App} app @param {readonly Problem[]} problems @param {{preview: ImageBitmap | null, progress: number | null}} live @returns {import('../panels/form.js').ShownForm} */
export const formState = (app, problems, live) => {
  const { store, catalog } = app
  const newest = resultsOf(ownRuns(app))[0]
  const fields = formFields(store, catalog).flatMap(({ node, input, label }) => {
    const { widget } = input
    if (!widget) return []
    const value = valueOf(node, input)
    const problem = problems.find((each) => each.node === node.id && each.input === input.name)
    return [{ key: JSON.stringify([node.id, input.name]), label, help: input.help ?? '', widget, value, swept: isSweep(value) ? chipText(widget, value) : null, problem: problem?.message ?? null }]
  })
  return { fields, ...live, titled: parametersOf(store).length > 0, picture: newest ? { url: newest.url, title: newest.run.title } : null }
}

/** @param {string} key @returns {[string, string]} node and input */
const placeOf = (key) => JSON.parse(key)

/** @param {App} app @param {(command: string) => void} run @returns {import('../panels/form.js').FormActions} */
export const formActions = (app, run) => ({
  change: (key, value) => {
    const [node, input] = placeOf(key)
    setInput(app.store, node, input, value, { coalesce: `form ${key}` })
  },
  upload: (key, file) => void takePicture(app, file, { world: [0, 0], node: placeOf(key)[0] }),
  run: () => run('run'),
  open: () => showResults(app, resultsOf(ownRuns(app)), 0),
  leave: () => run('form'),
})

/** The row of an input's menu. @param {App} app @param {string} node @param {string} input @returns {import('./menus.js').MenuRow[]} */
export const parameterRows = ({ store, catalog }, node, input) => {
  if (!inputType(catalog, store.node(node)?.type ?? '', input)?.widget) return []
  const isShown = parametersOf(store).some((parameter) => parameter.node === node && parameter.input === input)
  return [isShown ? { label: 'Remove from the form', run: () => removeParameter(store, node, input) }
    : { label: 'Show in the form', run: () => void addParameter(store, node, input) }]
}
