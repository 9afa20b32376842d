// The composition root: makes the document, the canvas, the connection and the panels, and ties them together.

import { AutoRun } from './app/auto_run.js'
import { Autosave } from './app/autosave.js'
import { createCommands } from './app/commands.js'
import { copyOf, downloadDocument, identified } from './app/documents.js'
import { keepOnServer } from './app/keeping.js'
import { listenToKeys } from './app/keyboard.js'
import { keepSettings } from './app/kept_settings.js'
import { paintPage, watchLook } from './app/look.js'
import { Looking } from './app/looking.js'
import { greet } from './app/guide.js'
import { offerLost, offerUnreadable } from './app/lost.js'
import { complain } from './app/opening.js'
import { tellRenamed } from './app/renaming.js'
import { run, tell } from './app/running.js'
import { skipOfTurn } from './app/skipping.js'
import { Screen } from './app/screen.js'
import { createServices } from './app/services.js'
import { settings } from './app/settings.js'
import { startSpeaking } from './app/speaking.js'
import { offeredTypes, readLibrary } from './app/library.js'
import { mountSubgraphs } from './app/subgraphs.js'
import { Tabs } from './app/tabs.js'
import { tellEdits } from './app/telling_edits.js'
import { listenToValues } from './app/value_clipboard.js'
import { emptyCatalog } from './document/catalog.js'
import { Selection } from './document/selection.js'
import { Store } from './document/store.js'
import { documentCatalog } from './document/subgraphs.js'
import { emptyDocument } from './document/workflow_format.js'
import { byId } from './panels/element.js'
import { toast } from './panels/toasts.js'
import { fetchQueue, fetchTemplate, fetchTrash, socketUrl } from './run/api.js'
import { loadCatalog } from './run/catalog.js'
import { Connection } from './run/connection.js'
import { LivePlan } from './run/plan.js'
import { Session } from './run/session.js'
import { mountEditor } from './tools/editor.js'

/** @typedef {import('./app/app.js').App} App */
/** @typedef {import('./run/connection.js').RunEvent} RunEvent */

const FIRST_TEMPLATE = 'text_to_image'

paintPage()

const firstStore = async () => {
  try {
    return new Store(copyOf(await fetchTemplate(FIRST_TEMPLATE)))
  } catch {
    return new Store(identified(emptyDocument())) // A server without templates: an empty canvas says so well enough.
  }
}

const start = async () => {
  const autosave = new Autosave(() => store.toJSON(), () => app.tabs.isChanged, (error) => tellUnsaved(app, error))
  const { entries, active, lost, unreadable } = await autosave.restore()
  const restored = entries[active]
  const store = restored ? new Store(identified(restored.journal.document)) : await firstStore()
  await startSpeaking()
  const readCatalog = async () => {
    const read = documentCatalog(await loadCatalog(), store, { offered: offeredTypes })
    tellRenamed(store.setRenames(read.renames))
    return read
  }
  const catalog = await readCatalog().catch(() => emptyCatalog())
  const selection = new Selection(store)
  const session = new Session()
  const services = createServices(() => app, () => commands)
  const editor = mountEditor(byId('canvas'), { store, selection, catalog, services })
  editor.setLinkStyle(settings.linkStyle)
  const plan = new LivePlan(() => store.toJSON(), () => app.refresh(), () => app.looking.targets)
  /** @type {App} */
  const app = {
    store, selection, session, autosave, plan, editor, catalog, documentId: store.identity, shownRun: null,
    tabs: /** @type {Tabs} */ (/** @type {unknown} */ (null)), autoRun: /** @type {AutoRun} */ (/** @type {unknown} */ (null)),
    heat: 'none', turns: new Map(),
    looking: new Looking(() => app, (targets) => void run(app, { targets, showProblems: () => screen.panels.showProblems() })),
    refresh: () => screen.refresh(),
    reloadCatalog: async () => {
      app.catalog = await readCatalog()
      editor.setCatalog(app.catalog)
      app.refresh()
    },
  }
  app.autoRun = new AutoRun(app)
  app.tabs = new Tabs(app, () => app.refresh())
  app.tabs.begin(restored ? entries.map(({ name, journal }) => ({ name, document: journal.document, changed: journal.changed }))
    : [{ name: autosave.add(), document: store.toJSON() }], active)
  const commands = createCommands(app, () => screen.panels)
  const screen = new Screen(app, () => commands)
  listenToKeys(app, commands)
  keepSettings(app, commands)
  listenToValues(app)
  watchLook(app)
  watchDocument(app)
  tellEdits(app)
  mountSubgraphs(app, () => skipOfTurn(app))
  connect(app, () => screen.panels.showProblems())
  if (!restored) editor.frame()
  plan.schedule(0)
  offerLost(app, lost)
  offerUnreadable(app, unreadable)
  greet(app, (id) => void commands.find((command) => command.id === id)?.run())
  Reflect.set(window, 'tessera', app) // For the console, and for the browser tests.
  byId('canvas').focus({ preventScroll: true })
}

/** A reload would lose it: its storage is full, or may not be used. @param {App} app @param {unknown} error */
const tellUnsaved = (app, error) => {
  if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') return complain('The workflow was not saved in this browser', error)
  toast('The workflow is too large for the storage of this browser: a reload would lose what you change now', {
    kind: 'error', actions: [{ label: 'Save as a file', run: () => downloadDocument(app.store.toJSON()) }, { label: 'Keep on the server', run: () => void keepOnServer(app) }],
  })
}

/** Saves, plans and draws again whatever an edit makes old. @param {App} app */
const watchDocument = (app) => {
  app.store.subscribe(({ kind, changes, affectsResult, renamed }) => {
    app.autosave.schedule()
    tellRenamed(renamed)
    if (kind === 'load' || changes.some(({ table }) => table === 'meta')) {
      const documentId = app.store.identity
      const other = documentId !== app.documentId
      app.documentId = documentId
      if (other) app.plan.renew()
      if (other && (kind === 'undo' || kind === 'redo')) app.editor.setCamera(app.store.view)
    }
    if (!affectsResult) return
    app.plan.schedule()
    if (kind !== 'load') app.autoRun.schedule(changes)
  })
}

/** @param {App} app @param {() => void} showProblems */
const connect = (app, showProblems) => {
  const { session, plan } = app
  const onEvent = (/** @type {RunEvent} */ event, /** @type {boolean} */ replayed) => {
    session.receive(event)
    if (replayed) return
    tell(app, event, showProblems)
    if (event.type === 'CatalogChanged') app.reloadCatalog().catch((error) => complain('The node types were not read again', error))
    if (event.type === 'RunFinished' || event.type === 'CatalogChanged') plan.schedule(0)
    if (event.type === 'StepFinished') plan.schedule() // What is done is known now, and no longer will run.
  }
  const onState = (/** @type {import('./run/connection.js').ConnectionState} */ state) => {
    session.setConnection(state)
    if (state !== 'open') return
    void fetchTrash().then(({ trash }) => session.hide(...trash), () => {})
    void fetchQueue().then(({ paused }) => session.setPaused(paused), () => {}) // The next connection asks again.
    plan.schedule(0)
    void readLibrary(app).catch(() => {}) // The next connection tries again.
    if (!app.catalog.nodes.size) void app.reloadCatalog().catch(() => {}) // The next connection tries again.
  }
  new Connection(socketUrl, {
    onEvent, onState, onRestart: () => session.forget(),
    onPreview: (header, image) => void session.receivePreview(header, image),
  }).start()
}

void start()
