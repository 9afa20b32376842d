// What the form shows of the open workflow, and what its fields do.

import { inputType, valueOf } from '../document/catalog.js'
import { setInput } from '../document/edits.js'
import { addParameter, formFields, parametersOf, removeParameter } from '../document/parameters.js'
import { chipText, isSweep } from '../document/sweeps.js'
import { heightOf } from '../kernels/fitting.js'
import { readNumber } from '../kernels/numbers.js'
import { resultsOf } from '../panels/results.js'
import { inputNumbers } from '../widgets/number_names.js'
import { textSession } from '../widgets/text_session.js'
import { ownRuns } from './app.js'
import { choiceDetails } from './choices.js'
import { lastValue, useLast } from './last_values.js'
import { takePicture } from './opening.js'
import { promptRules, promptServices } from './prompting.js'
import { showResults } from './results.js'
import { editSize } from './sizing.js'
import { editCurve } from './curving.js'

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
    return [{ key: JSON.stringify([node.id, input.name]), label, help: input.help ?? '', widget, value, swept: isSweep(value) ? chipText(widget, value) : null, problem: problem?.message ?? null, rules: promptRules(app, node.id, input.name) }]
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
  editing: (key) => editingOf(app, ...placeOf(key)),
  upload: (key, file) => void takePicture(app, file, { world: [0, 0], node: placeOf(key)[0] }),
  run: () => run('run'),
  open: () => showResults(app, resultsOf(ownRuns(app)), 0),
  leave: () => run('form'),
})

/** @param {App} app @param {string} node @param {string} input @returns {import('../panels/form_fields.js').FieldEditing} */
const editingOf = (app, node, input) => {
  const widget = inputType(app.catalog, app.store.node(node)?.type ?? '', input)?.widget
  return {
    session: (changed) => textSession(app.store, node, input, changed),
    prompt: promptServices(app, node, input),
    details: widget ? choiceDetails(app, widget) : null,
    evaluate: (text) => (widget ? readNumber(widget, text, inputNumbers(app.store, node, input)) : null),
    useLast: () => void useLast(app, node, input),
    lastValue: () => lastValue(app, node, input),
    editCurve: (client) => void editCurve(app, node, input, client),
    editSize: widget?.kind === 'int' && heightOf(input) ? (client) => void editSize(app, node, input, client) : null,
  }
}

/** The row of an input's menu. @param {App} app @param {string} node @param {string} input @returns {import('./menus.js').MenuRow[]} */
export const parameterRows = ({ store, catalog }, node, input) => {
  const type = inputType(catalog, store.node(node)?.type ?? '', input)
  if (!type?.widget) return []
  const isShown = parametersOf(store).some((parameter) => parameter.node === node && parameter.input === input)
  return [isShown ? { label: 'Remove from the form', run: () => removeParameter(store, node, input) }
    : { label: 'Show in the form', run: () => void addParameter(store, node, input, type.label) }]
}
