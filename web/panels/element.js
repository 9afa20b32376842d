// DOM elements from plain calls: the panels' only templating.

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * `element('button', {class: 'quiet', title: 'Undo', onclick}, icon('undo'))`: names with a dash and `class`, `role`,
 * `for`, `translate` are attributes, everything else is set as a property.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export const element = (tag, props = {}, ...children) => {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name === 'class' || name === 'role' || name === 'for' || name === 'translate' || name.includes('-')) node.setAttribute(name, String(value))
    else Reflect.set(node, name, value)
  }
  if (props.translate === 'no') node.dir = 'auto' // People's own words run as they run.
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false))
  return node
}

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => {
  const node = document.getElementById(id)
  if (!node) throw new Error(`index.html has no #${id}`)
  return node
}

/** How much larger than drawn the interface is shown: places in the window are given in its own pixels. */
export const uiScale = () => Number(getComputedStyle(document.documentElement).getPropertyValue('--ui-scale')) || 1

/**
 * Keeps a floating element inside the window, its left top as near to the wanted point as fits.
 * @param {HTMLElement} panel
 * @param {readonly [number, number]} client
 */
export const placeInWindow = (panel, [x, y]) => {
  const margin = 8
  const { width, height } = panel.getBoundingClientRect()
  const scale = uiScale()
  panel.style.left = `${Math.max(margin, Math.min(x, innerWidth - width - margin)) / scale}px`
  panel.style.top = `${Math.max(margin, Math.min(y, innerHeight - height - margin)) / scale}px`
}

/** What a list was last drawn from. @type {WeakMap<HTMLElement, string>} */
const drawnFrom = new WeakMap()

/**
 * Draws a list anew only when what it shows has changed: a button that is replaced under the pointer is never clicked.
 * @param {HTMLElement} list
 * @param {unknown} shown plain data
 * @param {() => Node[]} build
 */
export const redrawList = (list, shown, build) => {
  const key = JSON.stringify(shown)
  if (drawnFrom.get(list) === key) return
  drawnFrom.set(list, key)
  list.replaceChildren(...build())
}
