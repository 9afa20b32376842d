// The journal against crashes: every open document is written into the browser's storage a moment after each edit.
// A page keeps its documents over a reload; a new page takes over the newest one that no open page holds.
// Documents that were closed or replaced are kept too, so that they can be opened again. What cannot be read is never
// written over: it may be of a newer editor, or be mended by hand.

import { isBlank, readDocument } from '../document/workflow_format.js'

/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {{document: WorkflowDocument, savedAt: number, replaced?: boolean, changed?: boolean, ended?: boolean}} Journal ended: false until its page was left in peace */
/** @typedef {{name: string, journal: Journal}} Entry */
/** @typedef {{name: string, text: string, error: unknown}} Unreadable text: to be saved as a file */

const PREFIX = 'tessera.document.'
const PAGE = 'tessera.tab'
/** So many documents that were closed stay, and so many that were still open when their page went. */
const KEPT = 24
const LEFT = 200
const QUIET_MS = 300
/** Who types without a pause is saved, too. */
const LATEST_MS = 2000

const storedNames = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length))

/** Throws where no editor could open it. @param {string | null} text @returns {Journal} */
const parsed = (text) => {
  const journal = JSON.parse(text ?? 'null')
  readDocument(journal?.document)
  return { savedAt: 0, ...journal }
}

/** @param {string} name @returns {Journal | null} */
const readJournal = (name) => {
  try {
    return parsed(localStorage.getItem(PREFIX + name))
  } catch {
    return null // A half-written entry of a crash while the disk was full, or one of a newer editor.
  }
}

/** @param {string} name @returns {Unreadable[]} none where it can be read */
const unreadable = (name) => {
  const stored = localStorage.getItem(PREFIX + name) ?? ''
  try {
    parsed(stored)
    return []
  } catch (error) {
    return [{ name, text: documentIn(stored), error }]
  }
}

/** The document alone where it can be told from the rest: a newer editor opens that. @param {string} stored */
const documentIn = (stored) => {
  try {
    return JSON.stringify(JSON.parse(stored).document, null, 2) ?? stored
  } catch {
    return stored
  }
}

/** @returns {Entry[]} newest first */
const journals = () =>
  storedNames()
    .flatMap((name) => {
      const journal = readJournal(name)
      return journal ? [{ name, journal }] : []
    })
    .sort((a, b) => b.journal.savedAt - a.journal.savedAt)

/** The names that open pages hold: each holds a lock for as long as it lives. */
const heldNames = async () => {
  const { held = [] } = (await navigator.locks?.query()) ?? {}
  return new Set(held.map(({ name }) => name))
}

/** What this page had open before a reload. @returns {{names: string[], active: number}} */
const readPage = () => {
  try {
    const { names, active } = JSON.parse(sessionStorage.getItem(PAGE) ?? '{}')
    return { names: Array.isArray(names) ? names : [], active: Number(active) || 0 }
  } catch {
    return { names: [], active: 0 }
  }
}

export class Autosave {
  #name = ''
  #read
  #changed
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** When the first edit came that is not written yet; 0: none. */
  #since = 0
  #failed
  /** Documents that the storage has no room for. @type {Set<string>} */
  #tooLarge = new Set()
  /** What lets a document's lock go. @type {Map<string, () => void>} */
  #held = new Map()
  /** Documents that this page closed: the browser may tell late that nobody holds them. @type {Set<string>} */
  #retired = new Set()

  /** @param {() => WorkflowDocument} read the active document @param {() => boolean} changed since it was opened or saved as a file @param {(error: unknown) => void} failed */
  constructor(read, changed, failed) {
    this.#read = read
    this.#changed = changed
    this.#failed = failed
  }

  /** What this page had open, or the newest document that nobody has; what else was open in pages that broke off; and what cannot be read, which stays as it is. @returns {Promise<{entries: Entry[], active: number, lost: Entry[], unreadable: Unreadable[]}>} */
  async restore() {
    const taken = await heldNames()
    const isFree = (/** @type {string} */ name) => !taken.has(PREFIX + name)
    const page = readPage()
    const found = journals().filter(({ name }) => isFree(name))
    const unread = storedNames().filter((name) => isFree(name) && !found.some((entry) => entry.name === name)).flatMap(unreadable)
    const own = page.names.filter((name) => found.some((entry) => entry.name === name))
    const orphan = own.length ? undefined : found.find(({ journal }) => !journal.replaced)?.name
    const names = own.length ? own : orphan ? [orphan] : []
    const past = found.filter(({ name }) => !names.includes(name))
    const lost = own.length ? [] : past.filter(({ journal }) => !journal.replaced && journal.ended === false)
    for (const name of names) this.#hold(name)
    for (const { name, journal } of found) if (names.includes(name)) write(PREFIX + name, JSON.stringify({ ...journal, ended: false })) // Where it does not fit, the first edit tells.
    const isClosed = (/** @type {Entry} */ { journal }) => Boolean(journal.replaced)
    const outdated = [...past.filter(isClosed).slice(KEPT), ...past.filter((entry) => !isClosed(entry)).slice(LEFT)]
    for (const { name } of outdated) localStorage.removeItem(PREFIX + name)
    addEventListener('pagehide', () => this.#leave())
    document.addEventListener('visibilitychange', () => document.hidden && this.write())
    const active = names.indexOf(page.names[page.active] ?? '')
    return { entries: names.map((name) => ({ name, journal: /** @type {Journal} */ (readJournal(name)) })), active: Math.max(0, active), lost, unreadable: unread }
  }

  /** Somebody has it as a file, or does not want it. @param {string} name */
  forget(name) {
    localStorage.removeItem(PREFIX + name)
  }

  /** A place for another open document. @returns {string} its name */
  add() {
    const name = crypto.randomUUID()
    this.#hold(name)
    return name
  }

  /** From now on edits are written under this name; the order is that of the open documents. @param {string} name @param {readonly string[]} names */
  use(name, names) {
    clearTimeout(this.#timer)
    this.#name = name
    sessionStorage.setItem(PAGE, JSON.stringify({ names, active: names.indexOf(name) }))
  }

  /** A closed document can be opened again; an empty one is forgotten. @param {string} name @param {WorkflowDocument} document */
  retire(name, document) {
    this.#held.get(name)?.()
    this.#held.delete(name)
    this.#retired.add(name)
    if (!isBlank(document)) this.#put(name, { document, savedAt: Date.now(), replaced: true })
    else localStorage.removeItem(PREFIX + name)
  }

  schedule() {
    clearTimeout(this.#timer)
    const now = performance.now()
    this.#since ||= now
    this.#timer = setTimeout(() => this.write(), Math.max(0, Math.min(QUIET_MS, this.#since + LATEST_MS - now)))
  }

  write() {
    clearTimeout(this.#timer)
    this.#since = 0
    if (this.#name) this.#put(this.#name, { document: this.#read(), savedAt: Date.now(), changed: this.#changed(), ended: false })
  }

  /** The page goes in peace: what it holds was not lost. */
  #leave() {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur() // What is being typed counts.
    this.write()
    for (const name of this.#held.keys()) {
      const journal = readJournal(name)
      if (journal) this.#put(name, { ...journal, ended: true })
    }
  }

  /** What broke off is offered once; later it is found among what can be opened again. @param {readonly Entry[]} lost */
  settle(lost) {
    for (const { name, journal } of lost) this.#put(name, { ...journal, replaced: true })
  }

  /** Keeps a document that is about to be replaced. @param {WorkflowDocument} document */
  keep(document) {
    if (!isBlank(document)) this.#put(crypto.randomUUID(), { document, savedAt: Date.now(), replaced: true })
  }

  /** Documents that were open before, each in its newest state, without those that are open now. @returns {Promise<Journal[]>} */
  async recent() {
    const held = await heldNames()
    const isOpen = (/** @type {string} */ name) => held.has(PREFIX + name) && !this.#retired.has(name)
    const open = journals().filter(({ name }) => isOpen(name)).map(({ journal }) => identity(journal.document))
    const seen = new Set([identity(this.#read()), ...open])
    return journals().filter(({ name, journal }) => {
      const id = identity(journal.document)
      return !isOpen(name) && !seen.has(id) && seen.add(id)
    }).map(({ journal }) => journal)
  }

  /** The lock is granted later; one that was let go by then ends at once. @param {string} name */
  #hold(name) {
    const end = new Promise((resolve) => this.#held.set(name, () => resolve(undefined)))
    void navigator.locks?.request(PREFIX + name, () => end)
  }

  /** What does not fit is told once, until it does. @param {string} name @param {Journal} journal */
  #put(name, journal) {
    const error = write(PREFIX + name, JSON.stringify(journal))
    if (error && !this.#tooLarge.has(name)) this.#failed(error)
    if (error) this.#tooLarge.add(name)
    else this.#tooLarge.delete(name)
  }
}

/**
 * Where there is no room left, the oldest documents that were closed make it; where all of them would not do, they stay.
 * @param {string} key @param {string} text @returns {unknown} what went wrong
 */
const write = (key, text) => {
  /** @type {string[] | null} */
  let closed = null
  /** @type {[string, string][]} */
  const gone = []
  for (;;) {
    try {
      localStorage.setItem(key, text)
      return null
    } catch (error) {
      closed ??= journals().filter(({ name, journal }) => journal.replaced && PREFIX + name !== key).map(({ name }) => PREFIX + name)
      const oldest = closed.pop()
      if (oldest === undefined) {
        for (const [each, held] of gone.reverse()) localStorage.setItem(each, held)
        return error
      }
      gone.push([oldest, localStorage.getItem(oldest) ?? ''])
      localStorage.removeItem(oldest)
    }
  }
}

/** @param {WorkflowDocument} document */
const identity = (document) => Reflect.get(document, 'id')
