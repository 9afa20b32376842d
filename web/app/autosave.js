// The journal against crashes: each tab writes its document into the browser's storage a moment after every edit.
// A tab keeps its name over a reload; a new tab takes over the newest document that no open tab holds.
// Documents that another one replaced are kept too, so that they can be opened again.

/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {{document: WorkflowDocument, savedAt: number, replaced?: boolean}} Journal */

const PREFIX = 'tessera.document.'
const TAB = 'tessera.tab'
const KEPT = 24
const QUIET_MS = 300

const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))

/** @param {string} tab @returns {Journal | null} */
const readJournal = (tab) => {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + tab) ?? 'null')
  } catch {
    return null // A half-written entry of a crash while the disk was full.
  }
}

/** @returns {{tab: string, journal: Journal}[]} newest first */
const journals = () =>
  keys().map((key) => key.slice(PREFIX.length))
    .flatMap((tab) => {
      const journal = readJournal(tab)
      return journal ? [{ tab, journal }] : []
    })
    .sort((a, b) => b.journal.savedAt - a.journal.savedAt)

/** The names that open tabs hold: each holds a lock for as long as it lives. */
const openTabs = async () => {
  const { held = [] } = (await navigator.locks?.query()) ?? {}
  return new Set(held.map(({ name }) => name))
}

/** @param {string} tab */
const hold = (tab) => {
  void navigator.locks?.request(PREFIX + tab, () => new Promise(() => {}))
  sessionStorage.setItem(TAB, tab)
}

export class Autosave {
  #tab = ''
  #read
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #failed

  /** @param {() => WorkflowDocument} read @param {(error: unknown) => void} failed */
  constructor(read, failed) {
    this.#read = read
    this.#failed = failed
  }

  /** Takes a name and gives back the document last written under it. @returns {Promise<WorkflowDocument | null>} */
  async restore() {
    const taken = await openTabs()
    const isFree = (/** @type {string} */ tab) => !taken.has(PREFIX + tab)
    const own = sessionStorage.getItem(TAB)
    const orphan = journals().find(({ tab, journal }) => isFree(tab) && !journal.replaced)?.tab
    this.#tab = own && isFree(own) ? own : (orphan ?? crypto.randomUUID())
    hold(this.#tab)
    for (const { tab } of journals().slice(KEPT)) if (isFree(tab)) localStorage.removeItem(PREFIX + tab)
    addEventListener('pagehide', () => this.write())
    document.addEventListener('visibilitychange', () => document.hidden && this.write())
    return readJournal(this.#tab)?.document ?? null
  }

  schedule() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.write(), QUIET_MS)
  }

  write() {
    clearTimeout(this.#timer)
    this.#put(this.#tab, { document: this.#read(), savedAt: Date.now() })
  }

  /** Keeps a document that is about to be replaced. @param {WorkflowDocument} document */
  keep(document) {
    if (document.nodes.length) this.#put(crypto.randomUUID(), { document, savedAt: Date.now(), replaced: true })
  }

  /** Documents that were open before, each in its newest state, without those that are open now. @returns {Promise<Journal[]>} */
  async recent() {
    const taken = await openTabs()
    const seen = new Set([identity(this.#read())])
    return journals().filter(({ tab, journal }) => {
      const id = identity(journal.document)
      return !taken.has(PREFIX + tab) && !seen.has(id) && seen.add(id)
    }).map(({ journal }) => journal)
  }

  /** @param {string} name @param {Journal} journal */
  #put(name, journal) {
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify(journal))
    } catch (error) {
      this.#failed(error)
    }
  }
}

/** @param {WorkflowDocument} document */
const identity = (document) => Reflect.get(document, 'id')
