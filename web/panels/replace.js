// Replacing values everywhere: what is looked for, what comes in its place, and each place that would change.

import { openSheet } from './dialogs.js'
import { element } from './element.js'

/** @typedef {{title: string, input: string, before: string, after: string, fits: boolean}} ShownReplacement */
/** @typedef {{find: (asked: {find: string, replace: string}) => readonly ShownReplacement[], replace: (places: readonly number[]) => void, known: {found: readonly string[], offered: readonly string[]}}} ReplaceActions */

const LONGEST = 70

/** A long text around what differs. @param {string} text @param {string} other */
const around = (text, other) => {
  if (text.length <= LONGEST) return text
  let at = 0
  while (at < text.length && text[at] === other[at]) at += 1
  const start = Math.max(0, Math.min(at - 24, text.length - LONGEST))
  return `${start ? '…' : ''}${text.slice(start, start + LONGEST)}${start + LONGEST < text.length ? '…' : ''}`
}

/** @param {ReplaceActions} actions */
export const openReplace = ({ find, replace, known }) => {
  const field = (/** @type {string} */ label, /** @type {string} */ list, /** @type {readonly string[]} */ values) => {
    const input = element('input', { class: 'gallery-search', placeholder: label, 'aria-label': label, spellcheck: false, autocomplete: 'off' })
    input.setAttribute('list', list)
    return { input, options: element('datalist', { id: list }, ...values.map((value) => element('option', { value }))) }
  }
  const wanted = field('Find a value', 'replace-found', known.found)
  const instead = field('Replace it by', 'replace-offered', known.offered)
  const list = element('ul', { class: 'replace-list', 'aria-label': 'What would change' })
  const told = element('span', { class: 'gallery-told', role: 'status' })
  const go = element('button', { class: 'replace-go' }, 'Replace')
  /** @type {HTMLInputElement[]} */
  let boxes = []

  const chosen = () => boxes.flatMap((box, place) => (box.checked ? [place] : []))
  const count = () => {
    const { length } = chosen()
    go.disabled = length === 0
    told.textContent = boxes.length ? `${length} of ${boxes.length} chosen` : wanted.input.value ? 'Nothing has this value' : ''
  }
  const row = (/** @type {ShownReplacement} */ { title, input, before, after, fits }) => {
    const box = element('input', { type: 'checkbox', checked: fits, onchange: count })
    boxes.push(box)
    return element('li', {}, element('label', { class: 'replace-row' }, box, element('span', { class: 'replace-place' }, `${title} · ${input}`),
      element('span', { class: 'replace-change', translate: 'no' }, element('del', {}, around(before, after)), ' → ', element('ins', {}, around(after, before))),
      fits ? null : element('small', {}, 'The input does not offer this')))
  }
  const update = () => {
    boxes = []
    list.replaceChildren(...find({ find: wanted.input.value, replace: instead.input.value }).map(row))
    count()
  }
  const finish = () => {
    if (!chosen().length) return
    sheet.close()
    replace(chosen())
  }
  for (const { input } of [wanted, instead]) {
    input.oninput = update
    input.onkeydown = (event) => {
      if (event.key === 'Enter' && !event.isComposing) finish()
    }
  }
  go.onclick = finish
  const sheet = openSheet('Replace a value everywhere', 'replace', element('div', { class: 'replace-fields' }, wanted.input, wanted.options, instead.input, instead.options),
    list, element('footer', { class: 'replace-foot' }, told, go))
  update()
  wanted.input.focus()
}
