// The painting sheet's bars: the tools at the side, what they are set to on top, the place below.

import { element } from '../panels/element.js'
import { icon } from '../panels/icons.js'
import { LARGEST_BRUSH } from './mask_hand.js'

/** @typedef {import('./mask_tools.js').MaskSettings} MaskSettings */
/** @typedef {import('./mask_tools.js').ToolName} ToolName */
/** @typedef {import('../panels/icons.js').IconName} IconName */
/** @typedef {{run: (command: string) => void, changed: () => void}} BarActions */

/** @type {readonly (readonly [ToolName, string, string, IconName])[]} */
export const TOOLS = [
  ['brush', 'Brush', 'B', 'brush'], ['eraser', 'Eraser', 'E', 'eraser'], ['fill', 'Fill what looks alike', 'G', 'fill'],
  ['lasso', 'Lasso', 'L', 'lasso'], ['rectangle', 'Rectangle', 'R', 'rectangle'], ['gradient', 'Gradient', 'D', 'gradient'],
]
/** What each slider is for. @type {readonly (readonly ['size' | 'hardness' | 'tolerance', string, number, number, string, readonly ToolName[]])[]} */
const SLIDERS = [
  ['size', 'Size', 1, 400, ' px', ['brush', 'eraser']], ['hardness', 'Hardness', 0, 100, ' %', ['brush', 'eraser']],
  ['tolerance', 'Tolerance', 0, 255, '', ['fill']],
]

/** @param {MaskSettings} settings @param {BarActions} actions */
export const toolColumn = (settings, actions) => {
  const buttons = TOOLS.map(([tool, label, key, name]) => {
    const button = element('button', { class: 'quiet', title: `${label} (${key})`, 'aria-label': label, onclick: () => actions.run(tool) }, icon(name))
    return { tool, button }
  })
  const node = element('div', { class: 'mask-tools', role: 'toolbar', 'aria-label': 'Tools', 'aria-orientation': 'vertical' }, ...buttons.map(({ button }) => button))
  const update = () => {
    for (const { tool, button } of buttons) button.setAttribute('aria-pressed', String(tool === settings.tool))
  }
  return { node, update }
}

/** @param {MaskSettings} settings @param {BarActions} actions */
const sliders = (settings, actions) => {
  const rows = SLIDERS.map(([name, label, min, max, unit, tools]) => {
    const range = element('input', { type: 'range', min, max, 'aria-label': label })
    const value = element('output', {})
    range.oninput = () => {
      settings[name] = Number(range.value)
      actions.changed()
    }
    return { name, unit, tools, range, value, node: element('label', { class: 'mask-slider' }, label, range, value) }
  })
  const update = () => {
    for (const { name, unit, tools, range, value, node } of rows) {
      node.hidden = !tools.includes(settings.tool)
      range.max = String(name === 'size' ? Math.min(LARGEST_BRUSH, Math.max(400, settings.size)) : range.max)
      range.value = String(settings[name])
      value.textContent = `${settings[name]}${unit}`
    }
  }
  return { nodes: rows.map(({ node }) => node), update }
}

/** @param {MaskSettings} settings @param {BarActions} actions @param {{title: string, purpose: import('./purposes.js').Purpose}} request */
export const topBar = (settings, actions, { title, purpose }) => {
  const button = (/** @type {string} */ command, /** @type {IconName} */ name, /** @type {string} */ hint) =>
    element('button', { class: 'quiet', title: hint, 'aria-label': hint.replace(/ \(.*/, ''), onclick: () => actions.run(command) }, icon(name))
  const tuned = sliders(settings, actions)
  const look = element('select', { 'aria-label': 'How the mask is shown', title: 'How the mask is shown (V)' },
    ...purpose.looks.map(([value, label]) => element('option', { value }, label)))
  look.onchange = () => {
    settings.look = /** @type {MaskSettings['look']} */ (look.value)
    actions.run('look')
  }
  const radius = element('input', { type: 'number', min: 1, max: 200, 'aria-label': 'Pixels to feather by', title: 'Pixels to feather by' })
  radius.onchange = () => {
    settings.feather = Math.min(200, Math.max(1, Math.round(Number(radius.value)) || 1))
    actions.changed()
  }
  const [undo, redo] = [button('undo', 'undo', 'Undo (Ctrl+Z)'), button('redo', 'redo', 'Redo (Ctrl+Shift+Z)')]
  const node = element('div', { class: 'mask-bar' },
    element('h2', { title }, title), element('span', { class: 'group' }, undo, redo),
    element('span', { class: 'mask-tuned' }, ...tuned.nodes), element('span', { class: 'spring' }),
    element('span', { class: 'group' },
      button('invert', 'invert', 'Invert (I)'), button('feather', 'feather', 'Feather (F)'), radius,
      button('all', 'all', `${purpose.everything} (A)`), button('clear', 'clear', 'Clear (Delete)')),
    look,
    element('span', { class: 'group mask-ends' },
      element('button', { onclick: () => actions.run('close') }, 'Cancel'),
      element('button', { class: 'run', title: 'Save as a new picture (Ctrl+S)', onclick: () => actions.run('save') }, purpose.save)))
  const update = (/** @type {import('./mask.js').Mask} */ mask) => {
    tuned.update()
    look.value = settings.look
    radius.value = String(settings.feather)
    undo.disabled = mask.undoLabel === null
    redo.disabled = mask.redoLabel === null
  }
  return { node, update }
}
