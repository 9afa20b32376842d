// The inputs and outputs of a sub-graph, its kind and its name: every change is an edit that all instances follow.

import { INPUTS } from '../document/subgraph_format.js'
import { KINDS, kindOf } from '../document/subgraphs.js'
import { describe, moveSocket, removeSocket, renameSocket, setKind, setSocket } from '../document/signature.js'
import { element, redrawList } from './element.js'
import { icon } from './icons.js'
import { togglePopover } from './popover.js'

/** @typedef {import('../document/signature.js').Side} Side */
/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../document/subgraph_format.js').Socket} Socket */
/** @typedef {import('../document/subgraph_format.js').SubgraphRecord} SubgraphRecord */

/** What a socket of a kind can be told to do. @type {Record<string, Partial<Record<Side, {field: 'each' | 'collect', label: string, title: string}>>>} */
const FLAGS = {
  map: { inputs: { field: 'each', label: 'each', title: 'Takes a list; inside it is one item of it' } },
  repeat: { outputs: { field: 'collect', label: 'all turns', title: 'A list with what each turn gave, not only the last' } },
  while: { outputs: { field: 'collect', label: 'all turns', title: 'A list with what each turn gave, not only the last' } },
}

/**
 * @param {Store} store @param {{colour: (type: string) => string}} options
 */
export const createSignature = (store, { colour }) => {
  const content = element('div')
  let id = ''

  const row = (/** @type {Side} */ side, /** @type {Socket} */ socket, /** @type {SubgraphRecord} */ record) => {
    const { name, type } = socket
    const dot = element('span', { class: 'type-dot' })
    dot.style.background = colour(type)
    const field = element('input', { type: 'text', value: name, 'aria-label': `Name of ${name}`, spellcheck: false, 'data-socket': name })
    field.onchange = () => renameSocket(store, id, side, name, field.value.trim())
    field.onkeydown = (event) => {
      if (event.key === 'Enter') field.blur()
      event.stopPropagation()
    }
    const tool = (/** @type {string} */ label, /** @type {() => void} */ act, /** @type {Node | string} */ face) => element('button', { class: 'quiet', title: label, 'aria-label': `${label}: ${name}`, onclick: act }, face)
    const isState = ['repeat', 'while', 'if'].includes(kindOf(record)) && side === 'outputs' && (record.inputs ?? []).some((input) => input.name === name)
    const flag = FLAGS[kindOf(record)]?.[side]
    return element('li', {}, dot, field, element('span', { class: 'type-name', translate: 'no' }, isState ? `${type} · goes in again` : type),
      flag && !isState ? flagBox(side, socket, flag) : element('span'),
      element('span', { class: 'tools' }, tool('Move up', () => moveSocket(store, id, side, name, -1), '↑'), tool('Move down', () => moveSocket(store, id, side, name, 1), '↓'),
        tool('Remove', () => removeSocket(store, id, side, name), icon('close'))))
  }

  const flagBox = (/** @type {Side} */ side, /** @type {Socket} */ socket, /** @type {{field: 'each' | 'collect', label: string, title: string}} */ { field, label, title }) => {
    const box = element('input', { type: 'checkbox', checked: socket[field] === true })
    box.onchange = () => setSocket(store, id, side, socket.name, { [field]: box.checked || undefined })
    return element('label', { title }, box, label)
  }

  const section = (/** @type {string} */ heading, /** @type {Side} */ side, /** @type {SubgraphRecord} */ record) => {
    const sockets = record[side] ?? []
    return [element('h3', {}, heading), sockets.length ? element('ul', {}, ...sockets.map((socket) => row(side, socket, record)))
      : element('p', {}, side === 'inputs' ? 'None yet: drag a wire from the + of Inputs.' : 'None yet: drag a wire to the + of Outputs.')]
  }

  const head = (/** @type {SubgraphRecord} */ record) => {
    const title = element('input', { type: 'text', value: record.title ?? '', placeholder: record.id, 'aria-label': 'Name', maxLength: 80 })
    title.onchange = () => describe(store, id, { title: title.value.trim() || record.id })
    const kind = element('select', { 'aria-label': 'Kind' }, ...Object.entries(KINDS).map(([value, { title: words }]) => element('option', { value, selected: value === kindOf(record) }, words)))
    kind.onchange = () => setKind(store, id, /** @type {import('../document/subgraph_format.js').SubgraphKind} */ (kind.value))
    const words = element('textarea', { value: record.description ?? '', placeholder: 'What it does', 'aria-label': 'What it does' })
    words.onchange = () => describe(store, id, { description: words.value.trim() })
    for (const field of [title, words]) field.onkeydown = (/** @type {KeyboardEvent} */ event) => event.key !== 'Escape' && event.stopPropagation()
    return [element('div', { class: 'signature-head' }, title, kind), words, element('p', {}, `${KINDS[kindOf(record)].sentence}.`)]
  }

  const update = () => {
    const record = store.subgraph(id)
    if (!content.isConnected && !id) return
    redrawList(content, record ?? null, () => (record ? [...head(record), ...section('Inputs', 'inputs', record), ...section('Outputs', 'outputs', record)] : [element('p', {}, 'It is no more.')]))
  }
  store.subscribe(({ kind }) => {
    if (kind === 'enter' && store.current) id = store.current
    if (content.isConnected) update()
  })

  /** @param {HTMLElement} anchor @param {string} subgraph */
  const toggle = (anchor, subgraph) => {
    id = subgraph
    update()
    togglePopover({ anchor, label: 'Inputs and outputs', class: 'signature', sticky: true, content: [content] })
  }
  return { toggle }
}

/** Whether a side is that of the inputs, by the end's id. @param {string} end @returns {Side} */
export const sideOf = (end) => (end === INPUTS ? 'inputs' : 'outputs')
