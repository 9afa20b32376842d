// The rows of a long list: only those that are seen exist, so that thousands scroll as ten do.

/** @typedef {string | number | boolean} Choice */
/** @typedef {{picture?: string, badge?: string, said?: string, hash?: string}} ChoiceFacts what is known of a choice beside its name */
/**
 * What the shell knows of choices.
 * @typedef {object} ChoiceDetails
 * @property {(choice: Choice) => ChoiceFacts | undefined} of what is known by now
 * @property {(choices: readonly Choice[]) => Promise<unknown>} ask for what is not
 * @property {(query: string) => Promise<Choice[]>} [hashed] those of files that have a hash
 */
/** @typedef {{item: Choice, at: number[]}} FoundChoice at: the letters that were searched */

const HEIGHT = { plain: 27, pictured: 46 }
const SPARE = 4
const ASK_MS = 120

export class ChoiceRows {
  #options
  #height
  #room = made('div', 'choice-room')
  #asking = 0
  /** @type {readonly FoundChoice[]} */
  #found = []
  #active = 0
  /** @type {Set<Choice>} */
  #asked = new Set()

  /** @param {{label: string, current: unknown, details: ChoiceDetails | null, pick: (choice: Choice) => void}} options */
  constructor(options) {
    this.#options = options
    this.#height = options.details ? HEIGHT.pictured : HEIGHT.plain
    this.node = made('div', 'choice-items')
    this.node.id = 'choice-items'
    this.node.setAttribute('role', 'listbox')
    this.node.setAttribute('aria-label', options.label)
    this.node.append(this.#room)
    this.node.addEventListener('scroll', () => this.#draw())
    for (const kind of ['pointerdown', 'mousedown']) this.node.addEventListener(kind, (event) => event.preventDefault()) // The filter keeps the focus.
  }

  /** @param {readonly FoundChoice[]} found @param {number} active which comes into sight */
  show(found, active) {
    this.#found = found
    this.#active = active
    const top = active * this.#height
    if (top < this.node.scrollTop) this.node.scrollTop = top
    this.#draw()
    if (top + this.#height > this.node.scrollTop + this.node.clientHeight) this.node.scrollTop = top + this.#height - this.node.clientHeight
  }

  /** The active row comes to the middle. */
  centre() {
    this.node.scrollTop = this.#active * this.#height - (this.node.clientHeight - this.#height) / 2
    this.#draw()
  }

  get perPage() {
    return Math.max(1, Math.floor(this.node.clientHeight / this.#height) - 1)
  }

  #draw() {
    const from = Math.max(0, Math.floor(this.node.scrollTop / this.#height) - SPARE)
    const seen = this.#found.slice(from, from + Math.ceil((this.node.clientHeight || 360) / this.#height) + 2 * SPARE)
    this.#room.style.height = `${this.#found.length * this.#height}px`
    this.#room.replaceChildren(...seen.map((entry, offset) => this.#row(entry, from + offset)))
    clearTimeout(this.#asking)
    if (this.#options.details) this.#asking = window.setTimeout(() => void this.#ask(seen), ASK_MS)
  }

  /** @param {readonly FoundChoice[]} seen */
  async #ask(seen) {
    const { details } = this.#options
    const wanted = seen.map(({ item }) => item).filter((item) => !this.#asked.has(item) && !details?.of(item))
    if (!wanted.length) return
    for (const item of wanted) this.#asked.add(item)
    await details?.ask(wanted)
    if (this.node.isConnected) this.#draw()
  }

  /** @param {FoundChoice} entry @param {number} index */
  #row({ item, at }, index) {
    const { current, details, pick } = this.#options
    const node = made('div', `choice-item${index === this.#active ? ' choice-active' : ''}${details ? ' choice-tall' : ''}`)
    Object.assign(node, { id: `choice-${index}`, title: String(item) })
    Object.assign(node.style, { top: `${index * this.#height}px`, height: `${this.#height}px` })
    const said = { role: 'option', 'aria-selected': item === current, 'aria-posinset': index + 1, 'aria-setsize': this.#found.length }
    for (const [name, value] of Object.entries(said)) node.setAttribute(name, String(value))
    node.append(...(details ? detailed(item, at, details.of(item)) : [nameOf(String(item), at)]))
    node.addEventListener('click', () => pick(item))
    return node
  }
}

/** @param {string} tag @param {string} className */
const made = (tag, className) => Object.assign(document.createElement(tag), { className })

/** A name with the letters that were searched. @param {string} name @param {readonly number[]} at */
const nameOf = (name, at) => {
  const node = made('span', 'choice-name')
  node.setAttribute('translate', 'no')
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
  if (facts?.hash) said.append(Object.assign(made('code', 'choice-hash'), { textContent: facts.hash, title: 'The first digits of its sha256 (AutoV2)' }))
  const words = made('span', 'choice-words')
  words.append(nameOf(String(item), at), said)
  return [tile, words]
}
