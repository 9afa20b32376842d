// The list of a choice: opens at its field, filters while typing, arrows and Enter choose.

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {string | number | boolean} Choice */

const FILTER_FROM = 8
const MAX_HEIGHT = 360

/**
 * @param {{anchor: Rect, choices: readonly Choice[], current: unknown, label: string}} request anchor in client pixels
 * @returns {Promise<Choice | null>}
 */
export const openChoiceList = ({ anchor, choices, current, label }) => new Promise((resolve) => {
  const panel = element('div', 'choice-list')
  const filter = /** @type {HTMLInputElement} */ (element('input', 'choice-filter'))
  const list = element('div', 'choice-items')
  filter.placeholder = `Filter ${choices.length}`
  filter.setAttribute('aria-label', `Filter ${label}`)
  filter.classList.toggle('choice-filter-hidden', choices.length < FILTER_FROM)
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', label)
  panel.append(filter, list)
  document.body.append(panel)

  let shown = [...choices]
  let active = Math.max(0, shown.findIndex((choice) => choice === current))
  let isOpen = true

  /** @param {Choice | null} choice */
  const close = (choice) => {
    if (!isOpen) return
    isOpen = false
    panel.remove()
    document.removeEventListener('pointerdown', closeOutside, true)
    window.removeEventListener('wheel', closeOutside, true)
    resolve(choice)
  }
  /** @param {Event} event */
  const closeOutside = (event) => {
    if (!panel.contains(/** @type {Node} */ (event.target))) close(null)
  }
  const draw = () => {
    list.replaceChildren(...shown.map((choice, index) => item(choice, { isActive: index === active, isCurrent: choice === current, pick: close })))
    if (!shown.length) list.append(Object.assign(element('div', 'choice-none'), { textContent: choices.length ? 'Nothing matches' : 'Nothing to choose' }))
    list.children[active]?.scrollIntoView({ block: 'nearest' })
  }
  filter.addEventListener('input', () => {
    shown = matching(choices, filter.value)
    active = 0
    draw()
  })
  filter.addEventListener('blur', () => close(null))
  filter.addEventListener('keydown', (event) => {
    event.stopPropagation()
    if (event.key === 'Escape' || event.key === 'Tab') close(null)
    else if (event.key === 'Enter') close(shown[active] ?? null)
    else if (event.key === 'ArrowDown') active = Math.min(active + 1, shown.length - 1)
    else if (event.key === 'ArrowUp') active = Math.max(active - 1, 0)
    else if (event.key === 'Home' && !filter.value) active = 0
    else if (event.key === 'End' && !filter.value) active = shown.length - 1
    else return
    event.preventDefault()
    if (isOpen) draw()
  })
  document.addEventListener('pointerdown', closeOutside, true)
  window.addEventListener('wheel', closeOutside, { capture: true, passive: true })
  draw()
  place(panel, anchor)
  filter.focus({ preventScroll: true })
  list.children[active]?.scrollIntoView({ block: 'center' })
})

/** Every word must occur. @param {readonly Choice[]} choices @param {string} text */
const matching = (choices, text) => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return choices.filter((choice) => words.every((word) => String(choice).toLowerCase().includes(word)))
}

/** @param {Choice} choice @param {{isActive: boolean, isCurrent: boolean, pick: (choice: Choice) => void}} state */
const item = (choice, { isActive, isCurrent, pick }) => {
  const row = element('div', 'choice-item')
  row.textContent = String(choice)
  row.title = String(choice)
  row.setAttribute('role', 'option')
  row.setAttribute('aria-selected', String(isCurrent))
  row.classList.toggle('choice-active', isActive)
  row.addEventListener('pointerdown', (event) => event.preventDefault()) // Keeps the filter focused until the choice is made.
  row.addEventListener('click', () => pick(choice))
  return row
}

/** Below the field, or above where there is more room. @param {HTMLElement} panel @param {Rect} anchor */
const place = (panel, anchor) => {
  const width = Math.min(Math.max(anchor.width, 200), window.innerWidth - 16)
  const below = window.innerHeight - (anchor.y + anchor.height) - 12
  const above = anchor.y - 12
  const opensUp = below < 180 && above > below
  const height = Math.min(MAX_HEIGHT, opensUp ? above : below)
  panel.style.width = `${width}px`
  panel.style.maxHeight = `${height}px`
  panel.style.left = `${Math.max(8, Math.min(anchor.x, window.innerWidth - width - 8))}px`
  if (opensUp) panel.style.bottom = `${window.innerHeight - anchor.y + 4}px`
  else panel.style.top = `${anchor.y + anchor.height + 4}px`
}

/** @param {string} tag @param {string} className */
const element = (tag, className) => Object.assign(document.createElement(tag), { className })
