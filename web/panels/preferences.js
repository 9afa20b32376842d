// The sheet of the settings: a row each, which takes effect at once.

import { openSheet } from './dialogs.js'
import { element } from './element.js'

/** @typedef {{value: string, label: string, own?: boolean}} Choice own: a name that no language changes */
/**
 * @typedef {{label: string, help?: string} & (
 *   {kind: 'choice', value: string, choices: readonly Choice[], change: (value: string) => unknown}
 *   | {kind: 'switch', value: boolean, change: (value: boolean) => unknown}
 *   | {kind: 'range', value: number, min: number, max: number, step: number, unit: string, change: (value: number) => unknown}
 *   | {kind: 'actions', actions: readonly {label: string, run: () => unknown}[]})} Preference
 */

let counter = 0

/** @param {Preference} preference @param {string} id @returns {HTMLElement} */
const control = (preference, id) => {
  if (preference.kind === 'choice') {
    const options = preference.choices.map(({ value, label, own }) => element('option', { value, selected: value === preference.value, translate: own && 'no' }, label))
    const select = element('select', { id, class: 'preference-choice' }, ...options)
    select.onchange = () => preference.change(select.value)
    return select
  }
  if (preference.kind === 'switch') {
    const box = element('input', { id, type: 'checkbox', class: 'preference-switch', role: 'switch', checked: preference.value })
    box.onchange = async () => {
      const kept = await preference.change(box.checked)
      if (typeof kept === 'boolean') box.checked = kept // What the browser did not allow stays off.
    }
    return box
  }
  if (preference.kind === 'range') {
    const said = element('output', { class: 'preference-said', for: id }, `${preference.value}${preference.unit}`)
    const { min, max, step, value } = preference
    const range = element('input', { id, type: 'range', min: String(min), max: String(max), step: String(step) })
    range.value = String(value)
    range.oninput = () => (said.textContent = `${range.value}${preference.unit}`)
    range.onchange = () => preference.change(Number(range.value)) // Not while it is dragged: the sheet grows with it.
    return element('span', { class: 'preference-range' }, range, said)
  }
  return element('span', { class: 'preference-actions' }, ...preference.actions.map(({ label, run }) => element('button', { onclick: run }, label)))
}

/** @param {Preference} preference */
const row = (preference) => {
  const id = `preference-${(counter += 1)}`
  const isField = preference.kind !== 'actions'
  return element('div', { class: 'preference' },
    element('span', { class: 'preference-words' },
      isField ? element('label', { for: id }, preference.label) : element('span', {}, preference.label),
      preference.help ? element('small', {}, preference.help) : null),
    control(preference, id))
}

/** @param {readonly {heading: string, rows: readonly Preference[]}[]} groups */
export const openPreferences = (groups) =>
  openSheet('Settings', 'preferences', ...groups.map(({ heading, rows }) => element('section', {}, element('h3', {}, heading), ...rows.map(row))))
