// The rows of a long list: only those that are seen exist, so that thousands scroll as ten do.

/** @typedef {string | number | boolean} Choice */
/** @typedef {{picture?: string, badge?: string, said?: string}} ChoiceFacts what is known of a choice beside its name */
/**
 * What the shell knows of choices.
 * @typedef {object} ChoiceDetails
 * @property {(choice: Choice) => ChoiceFacts | undefined} of what is known by now
 * @property {(choices: readonly Choice[]) => Promise<unknown>} ask for what is not
 */
/** @typedef {{item: Choice, at: number[]}} FoundChoice at: the letters that were searched */

const HEIGHT = { plain: 27, pictured: 46 }
const SPARE = 4
const ASK_MS = 120

/**
 * @param {{label: string, current: unknown, details: ChoiceDetails | null, pick: (choice: Choice) => void}} options
 */
export const createChoiceRows = ({ label, current, details, pick }) => {
  const height = details ? HEIGHT.pictured : HEIGHT.plain
  const list = made('div', 'choice-items')
  const room = made('div', 'choice-room')
  list.id = 'choice-items'
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', label)
  list.append(room)
  /** @type {readonly FoundChoice[]} */
  let found = []
  let active = 0
  let timer = 0
  /** @type {Set<Choice>} */
  const asked = new Set()

  const seen = () => {
    const from = Math.max(0, Math.floor(list.scrollTop / height) - SPARE)
    return { from, to: Math.min(found.length, from + Math.ceil((list.clientHeight || 360) / height) + 2 * SPARE) }
  }
  const draw = () => {
    const { from, to } = seen()
    room.style.height = `${found.length * height}px`
    room.replaceChildren(...found.slice(from, to).map((entry, offset) => row(entry, from + offset)))
    clearTimeout(timer)
    if (details) timer = window.setTimeout(() => void ask(from, to), ASK_MS)
  }
  /** @param {number} from @param {number} to */
  const ask = async (from, to) => {
    const wanted = found.slice(from, to).map(({ item }) => item).filter((item) => !asked.has(item) && !details?.of(item))
    if (!wanted.length) return
    for (const item of wanted) asked.add(item)
    await details?.ask(wanted)
    if (list.isConnected) draw()
  }
  /** @param {FoundChoice} entry @param {number} index */
  const row = ({ item, at }, index) => {
    const node = made('div', `choice-item${index === active ? ' choice-active' : ''}${details ? ' choice-tall' : ''}`)
    node.id = `choice-${index}`
    node.title = String(item)
    node.style.top = `${index * height}px`
    node.style.height = `${height}px`
    node.setAttribute('role', 'option')
    node.setAttribute('aria-selected', String(item === current))
    node.setAttribute('aria-posinset', String(index + 1))
    node.setAttribute('aria-setsize', String(found.length))
    if (details) node.append(...detailed(item, at, details.of(item)))
    else node.append(nameOf(String(item), at))
    node.addEventListener('click', () => pick(item))
    return node
  }
  list.addEventListener('scroll', draw)
  for (const kind of ['pointerdown', 'mousedown']) list.addEventListener(kind, (event) => event.preventDefault()) // The filter keeps the focus.

  return {
    node: list,
    /** @param {readonly FoundChoice[]} entries @param {number} now */
    show: (entries, now) => {
      found = entries
      active = now
      const top = active * height
      if (top < list.scrollTop) list.scrollTop = top
      draw()
      if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight
    },
    /** The active row comes to the middle. */
    centre: () => {
      list.scrollTop = active * height - (list.clientHeight - height) / 2
      draw()
    },
    perPage: () => Math.max(1, Math.floor(list.clientHeight / height) - 1),
  }
}

/** @param {string} tag @param {string} className */
const made = (tag, className) => Object.assign(document.createElement(tag), { className })

/** A name with the letters that were searched. @param {string} name @param {readonly number[]} at */
const nameOf = (name, at) => {
  const node = made('span', 'choice-name')
  const hit = new Set(at)
  for (const [index, letter] of [...name].entries()) {
    const last = node.lastChild
    const isHit = hit.has(index)
    if (last && isHit === (last instanceof HTMLElement)) last.textContent += letter
    else node.append(isHit ? Object.assign(document.createElement('b'), { textContent: letter }) : letter)
  }
  return node
}

/** Picture, name, family and size. @param {Choice} item @param {readonly number[]} at @param {ChoiceFacts | undefined} facts @returns {Node[]} */
const detailed = (item, at, facts) => {
  const tile = made('span', 'choice-picture')
  if (facts?.picture) {
    const image = /** @type {HTMLImageElement} */ (made('img', ''))
    image.addEventListener('error', () => image.remove())
    image.loading = 'lazy'
    image.alt = ''
    image.src = facts.picture
    tile.append(image)
  }
  const said = made('span', 'choice-said')
  if (facts?.badge) said.append(Object.assign(made('span', 'choice-badge'), { textContent: facts.badge }))
  if (facts?.said) said.append(facts.said)
  const words = made('span', 'choice-words')
  words.append(nameOf(String(item), at), said)
  return [tile, words]
}
