// The sheet of the keys: what each does, and the way to give a command others.

import { openSheet } from './dialogs.js'
import { element } from './element.js'
import { icon } from './icons.js'
import { announce } from './toasts.js'

/** @typedef {{id: string, label: string, keys: readonly string[], fixed: boolean, isChanged: boolean}} KeyedCommand */
/** @typedef {{heading: string, rows: readonly KeyedCommand[]}} KeyGroup */
/**
 * @typedef {object} KeyActions
 * @property {() => readonly KeyGroup[]} read
 * @property {(key: string) => string} describe
 * @property {(event: KeyboardEvent) => string | null} pressed
 * @property {(key: string, id: string) => {label: string, free: boolean} | null} holder who else has a key; not free: nobody may take it
 * @property {(id: string, keys: readonly string[]) => void} set
 * @property {(id?: string) => void} reset one, or all
 * @property {() => string} save as a file; what it is called
 * @property {() => Promise<{said: string, undo?: () => void} | null>} load from a file; null: none was chosen
 */

/** @param {KeyActions} actions @param {{heading: string, rows: readonly (readonly [string, string])[]}} gestures */
export const openShortcuts = (actions, gestures) => {
  const search = element('input', { class: 'gallery-search', type: 'search', placeholder: 'Search keys and commands', 'aria-label': 'Search keys and commands', spellcheck: false })
  const groups = element('div', { class: 'shortcut-groups' })
  const resetAll = element('button', { onclick: () => change(() => actions.reset()) }, 'Reset all keys')
  const told = element('p', { class: 'key-told', role: 'status', hidden: true })
  const tell = (/** @type {string} */ said, /** @type {(() => void) | undefined} */ undo = undefined) => {
    told.hidden = false
    told.replaceChildren(element('span', {}, said), undo ? element('button', { class: 'link', onclick: () => (change(undo), (told.hidden = true)) }, 'Undo') : '')
  }
  const load = async () => {
    const taken = await actions.load()
    if (!taken) return
    change(() => {})
    tell(taken.said, taken.undo)
  }
  /** The command that waits for a key. @type {string | null} */
  let waiting = null

  const change = (/** @type {() => void} */ act) => {
    act()
    waiting = null
    update()
  }

  /** @param {KeyedCommand} row */
  const keysOf = (row) => {
    const keys = row.keys.map((key) => element('span', { class: 'key-chip' }, element('kbd', {}, actions.describe(key)),
      row.fixed ? null : element('button', { class: 'quiet small', 'aria-label': `Take ${actions.describe(key)} from ${row.label}`, title: 'Take this key away',
        onclick: () => change(() => actions.set(row.id, row.keys.filter((other) => other !== key))) }, icon('close'))))
    if (row.fixed) return keys
    return [...keys, element('button', { class: 'quiet small key-add', 'data-add': row.id, 'aria-label': `Add a key for ${row.label}`, title: 'Add a key', onclick: () => listen(row) }, icon('add')),
      row.isChanged ? element('button', { class: 'quiet small', 'aria-label': `Reset the keys of ${row.label}`, title: 'Reset', onclick: () => change(() => actions.reset(row.id)) }, icon('restore')) : null]
  }

  /** @param {KeyedCommand} row */
  const commandRow = (row) => element('div', { class: `key-row${row.isChanged ? ' key-changed' : ''}`, 'data-command': row.id }, element('dt', {}, ...keysOf(row)), element('dd', {}, row.label))

  /** Asks for a key in the row. @param {KeyedCommand} row */
  const listen = (row) => {
    waiting = row.id
    update()
    const asked = element('button', { class: 'key-asked', 'aria-label': `Press the new keys for ${row.label}` }, 'Press the keys…')
    asked.onkeydown = (event) => {
      event.preventDefault()
      event.stopPropagation()
      if (event.isComposing) return
      if (event.key === 'Escape') return change(() => {})
      const key = actions.pressed(event)
      if (key) offer(row, key)
    }
    asked.onblur = () => waiting === row.id && asked.isConnected && change(() => {})
    place(row, asked)
    asked.focus()
    announce(`Press the new keys for ${row.label}`)
  }

  /** @param {KeyedCommand} row @param {string} key */
  const offer = (row, key) => {
    const holder = actions.holder(key, row.id)
    const take = () => change(() => actions.set(row.id, [...row.keys.filter((other) => other !== key), key]))
    if (!holder) return take()
    waiting = null
    const said = holder.free ? `${actions.describe(key)} is taken by ${holder.label}` : `${actions.describe(key)} belongs to the browser`
    const question = element('span', { class: 'key-question', role: 'alert' }, said)
    if (holder.free) question.append(element('button', { class: 'small', onclick: take }, 'Take it'))
    question.append(element('button', { class: 'small', onclick: () => change(() => {}) }, holder.free ? 'Leave it' : 'Close'))
    place(row, question)
    question.querySelector('button')?.focus()
  }

  /** @param {KeyedCommand} row @param {HTMLElement} node instead of its keys */
  const place = (row, node) => groups.querySelector(`[data-command="${row.id}"] dt`)?.replaceChildren(node)

  const update = () => {
    const focused = document.activeElement?.closest('[data-command]')?.getAttribute('data-command')
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    const isFound = (/** @type {string} */ text) => words.every((word) => text.toLowerCase().includes(word))
    const found = actions.read().map(({ heading, rows }) => ({ heading, rows: rows.filter(({ label, keys }) => isFound([label, ...keys.map(actions.describe)].join(' '))) }))
    const hands = gestures.rows.filter((row) => isFound(row.join(' ')))
    groups.replaceChildren(
      ...found.filter(({ rows }) => rows.length).map(({ heading, rows }) => element('section', {}, element('h3', {}, heading), element('dl', {}, ...rows.map(commandRow)))),
      ...(hands.length ? [element('section', {}, element('h3', {}, gestures.heading), element('dl', {}, ...hands.map(([key, label]) =>
        element('div', { class: 'key-row' }, element('dt', {}, ...key.split(' or ').map((text) => element('kbd', { class: 'gesture' }, text))), element('dd', {}, label)))))] : []))
    resetAll.disabled = !actions.read().some(({ rows }) => rows.some(({ isChanged }) => isChanged))
    const again = focused ? groups.querySelector(`[data-command="${focused}"] .key-add`) : null
    if (again instanceof HTMLElement) again.focus({ preventScroll: true })
    else if (document.activeElement === document.body) search.focus({ preventScroll: true }) // Esc belongs to the sheet.
  }

  search.oninput = update
  openSheet('Keyboard and mouse', 'shortcuts', element('div', { class: 'gallery-bar' }, search,
    element('button', { onclick: () => tell(actions.save()) }, 'Save as a file'), element('button', { onclick: () => void load() }, 'Load a file'), resetAll), told, groups)
  update()
}
