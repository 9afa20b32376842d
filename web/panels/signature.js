// The inputs and outputs of a sub-graph, its kind and its name: every change is an edit that all instances follow.

import { KINDS, kindOf } from '../document/subgraphs.js'
import { element, redrawList } from './element.js'
import { icon } from './icons.js'
import { togglePopover } from './popover.js'
import { socketFields } from './socket_fields.js'

/** @typedef {import('../document/signature.js').Side} Side */
/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../document/subgraph_format.js').Socket} Socket */
/** @typedef {import('../document/subgraph_format.js').SubgraphKind} SubgraphKind */
/** @typedef {import('../document/subgraph_format.js').SubgraphRecord} SubgraphRecord */
/** @typedef {typeof import('../document/signature.js')} Edits */
/** @typedef {import('../document/catalog.js').Widget} Widget */
/** @typedef {{store: Store, colour: (type: string) => string, widget: (subgraph: string, input: string) => Widget | null, edits: Pick<Edits, 'describe' | 'moveSocket' | 'removeSocket' | 'renameSocket' | 'setKind' | 'setSocket'>}} Context edits: what the panel does to the document; widget: what an instance has for an input */
/** @typedef {Context & {opened: Set<string>, update: () => void}} Drawing opened: sockets whose label and default are shown */
/** @typedef {{field: 'each' | 'collect', label: string, title: string}} Flag */

const ALL_TURNS = /** @type {Flag} */ ({ field: 'collect', label: 'all turns', title: 'A list with what each turn gave, not only the last' })
/** What a socket of a kind can be told to do. @type {Record<string, Partial<Record<Side, Flag>>>} */
const FLAGS = {
  map: { inputs: { field: 'each', label: 'each', title: 'Takes a list; inside it is one item of it' } },
  repeat: { outputs: ALL_TURNS }, while: { outputs: ALL_TURNS },
}
/** Kinds that pass an output with the name of an input on. */
const WITH_STATE = new Set(['repeat', 'while', 'if'])

/** @param {Context} context */
export const createSignature = (context) => {
  const { store } = context
  const content = element('div')
  /** @type {Drawing} */
  const drawing = { ...context, opened: new Set(), update: () => update() }
  let id = ''
  let isTyping = false // What stands in a field that is not done yet is not drawn over.
  const update = () => {
    if (isTyping) return
    const record = store.subgraph(id)
    const held = content.contains(document.activeElement) ? document.activeElement?.getAttribute('aria-label') : null
    const widgets = drawing.opened.size ? (record?.inputs ?? []).map(({ name }) => context.widget(id, name)) : []
    redrawList(content, record ? [record, [...drawing.opened], widgets] : null, () => (record
      ? [...head(context, record), ...section(drawing, record, 'inputs'), ...section(drawing, record, 'outputs')] : [element('p', {}, 'It is no more.')]))
    const again = held && !content.contains(document.activeElement) ? [...content.querySelectorAll('[aria-label]')].find((each) => each.getAttribute('aria-label') === held) : null
    if (again instanceof HTMLElement) again.focus({ preventScroll: true })
  }
  content.addEventListener('input', () => (isTyping = true))
  for (const done of ['change', 'focusout']) {
    content.addEventListener(done, () => {
      isTyping = false
      setTimeout(update) // A field that Tab leaves says so before the next has the focus.
    })
  }
  store.subscribe(({ kind }) => {
    if (!content.isConnected) return
    if (kind === 'enter' && store.current) id = store.current
    setTimeout(update)
  })

  /** @param {HTMLElement} anchor @param {string} subgraph */
  const toggle = (anchor, subgraph) => {
    id = subgraph
    isTyping = false
    drawing.opened.clear()
    update()
    togglePopover({ anchor, label: 'Inputs and outputs', class: 'signature', sticky: true, content: [content] })
  }
  return { toggle }
}

/** @param {Context} context @param {SubgraphRecord} record */
const head = ({ store, edits }, record) => {
  const { id } = record
  const title = element('input', { type: 'text', value: record.title ?? '', placeholder: id, 'aria-label': 'Name', maxLength: 80 })
  title.onchange = () => edits.describe(store, id, { title: title.value.trim() || id })
  const kind = element('select', { 'aria-label': 'Kind' },
    ...Object.entries(KINDS).map(([value, { title: words }]) => element('option', { value, selected: value === kindOf(record) }, words)))
  kind.onchange = () => edits.setKind(store, id, /** @type {SubgraphKind} */ (kind.value))
  const words = element('textarea', { value: record.description ?? '', placeholder: 'What it does', 'aria-label': 'What it does' })
  words.onchange = () => edits.describe(store, id, { description: words.value.trim() })
  for (const field of [title, words]) field.onkeydown = (/** @type {KeyboardEvent} */ event) => event.key !== 'Escape' && event.stopPropagation()
  return [element('div', { class: 'signature-head' }, title, kind), words, element('p', {}, `${KINDS[kindOf(record)].sentence}.`)]
}

/** @param {Drawing} context @param {SubgraphRecord} record @param {Side} side */
const section = (context, record, side) => {
  const sockets = record[side] ?? []
  return [element('h3', {}, side === 'inputs' ? 'Inputs' : 'Outputs'),
    sockets.length ? element('ul', {}, ...sockets.map((socket) => row(context, record, side, socket)))
      : element('p', {}, side === 'inputs' ? 'None yet: drag a wire from the + of Inputs.' : 'None yet: drag a wire to the + of Outputs.')]
}

/** @param {Drawing} context @param {SubgraphRecord} record @param {Side} side @param {Socket} socket */
const row = (context, record, side, socket) => {
  const { store, colour, edits } = context
  const [{ id }, { name, type }] = [record, socket]
  const dot = element('span', { class: 'type-dot' })
  dot.style.background = colour(type)
  const field = element('input', { type: 'text', value: name, 'aria-label': `Name of ${name}`, spellcheck: false })
  field.onchange = () => edits.renameSocket(store, id, side, name, field.value.trim())
  field.onkeydown = (event) => {
    if (event.key === 'Enter' && !event.isComposing) field.blur()
    event.stopPropagation()
  }
  const tool = (/** @type {string} */ label, /** @type {() => void} */ act, /** @type {Node | string} */ face) =>
    element('button', { class: 'quiet', title: label, 'aria-label': `${label}: ${name}`, onclick: act }, face)
  const isState = WITH_STATE.has(kindOf(record)) && side === 'outputs' && (record.inputs ?? []).some((input) => input.name === name)
  const flag = FLAGS[kindOf(record)]?.[side]
  return element('li', {}, dot, field, element('span', { class: 'type-name', translate: 'no' }, type),
    isState ? element('span', { class: 'type-name' }, 'goes in again') : flag ? flagBox(context, id, side, socket, flag) : element('span'),
    element('span', { class: 'tools' }, more(context, side, socket), tool('Move up', () => edits.moveSocket(store, id, side, name, -1), '↑'), tool('Move down', () => edits.moveSocket(store, id, side, name, 1), '↓'),
      tool('Remove', () => edits.removeSocket(store, id, side, name), icon('close'))),
    context.opened.has(`${side} ${name}`) && socketFields(socket, side === 'inputs' ? context.widget(id, name) : null, (fields) => edits.setSocket(store, id, side, name, fields)))
}

/** Shows its label and default, or no longer. @param {Drawing} context @param {Side} side @param {Socket} socket */
const more = ({ opened, update }, side, { name, label, default: preset }) => {
  const key = `${side} ${name}`
  const words = side === 'inputs' ? 'Label and default' : 'Label'
  const act = () => {
    if (!opened.delete(key)) opened.add(key)
    update()
  }
  const isSet = label !== undefined || preset !== undefined
  return element('button', { class: isSet ? 'quiet more set' : 'quiet more', title: words, 'aria-label': `${words}: ${name}`, 'aria-expanded': opened.has(key) ? 'true' : 'false', onclick: act }, icon('down'))
}

/** @param {Context} context @param {string} id @param {Side} side @param {Socket} socket @param {Flag} flag */
const flagBox = ({ store, edits }, id, side, socket, { field, label, title }) => {
  const box = element('input', { type: 'checkbox', checked: socket[field] === true })
  box.onchange = () => edits.setSocket(store, id, side, socket.name, { [field]: box.checked || undefined })
  return element('label', { title }, box, label)
}
