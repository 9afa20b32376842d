// All that is on screen about the document and its runs, drawn again at most once per frame.

import { emptyOverlay } from '../canvas/overlay_types.js'
import { scopeOverlay } from '../canvas/scopes.js'
import { addressOf } from '../document/addresses.js'
import { applyPatch } from '../document/edits.js'
import { byId } from '../panels/element.js'
import { mountForm } from '../panels/form.js'
import { createHistory } from '../panels/history.js'
import { mountMinimap } from '../panels/minimap.js'
import { createOutline } from '../panels/outline.js'
import { createProblemsPanel } from '../panels/problems.js'
import { closePopover } from '../panels/popover.js'
import { createQueuePanel } from '../panels/queue.js'
import { mountResults } from '../panels/results.js'
import { mountTabStrip } from '../panels/tab_strip.js'
import { mountTopBar } from '../panels/top_bar.js'
import { createWelcome } from '../panels/welcome.js'
import { secondsText } from '../canvas/node_state.js'
import { shownName } from '../canvas/text.js'
import { workingCell } from '../run/cells.js'
import { showsNothing } from './documents.js'
import { estimateOf, remainingOf } from '../run/costs.js'
import { buildOverlay } from '../run/overlay.js'
import { RunNaming } from '../run/run_naming.js'
import { progressOf } from '../run/runs.js'
import { ownRuns } from './app.js'
import { checkPicture } from './gone.js'
import { formActions, formState } from './form.js'
import { currentTheme } from './look.js'
import { closeTab } from './opening.js'
import { queueActions } from './running.js'
import { openResultMenu, showResults } from './results.js'
import { settings } from './settings.js'
import { showAddress, subgraphActions, titleOfAddress, typeOfAddress } from './subgraphs.js'
import { describe } from './shortcuts.js'
import { UsedSeeds } from './used_seeds.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Command} Command */
/** @typedef {import('./commands.js').Panels} Panels */
/** @typedef {import('../document/catalog.js').Fix} Fix */
/** @typedef {import('../document/catalog.js').Problem} Problem */

/** Events after which no picture can have come or gone. */
const WITHOUT_RESULTS = new Set(['StepProgress', 'StepPreview', 'StepStarted', 'RunStarted'])

/**
 * The plan's problems, those of the last run until an edit answers them, and node packs that did not load; each once.
 * @param {App} app
 * @param {string | null} answered the run whose problems an edit has made old
 * @returns {Problem[]}
 */
const problemsOf = (app, answered) => {
  const last = ownRuns(app).at(-1)
  const failed = last?.status === 'failed' && last.id !== answered ? last.problems : []
  const all = [...app.plan.problems, ...failed, ...app.catalog.problems.map((problem) => ({ severity: 'warning', ...problem }))]
  const seen = new Set()
  return all.filter(({ code, node, input, message }) => {
    const key = JSON.stringify([code, node, input, node ? null : message])
    return !seen.has(key) && seen.add(key)
  })
}

export class Screen {
  #app
  #commands
  #frame = 0
  #overlayIsOld = true
  #resultsAreOld = true
  /** The run whose problems an edit has made old. @type {string | null} */
  #answered = null
  #overlay = emptyOverlay()
  #used
  #bar
  #results
  #problems
  #outline
  #history
  #minimap
  #queue
  #naming
  #welcome
  #tabs
  #form

  /** @param {App} app @param {() => readonly Command[]} commands */
  constructor(app, commands) {
    this.#app = app
    this.#commands = commands
    this.#used = new UsedSeeds(app, () => this.refresh())
    const show = (/** @type {string} */ node) => showNode(app, node)
    const titleOf = (/** @type {string} */ node) => titleOfNode(app, node)
    const fix = (/** @type {Fix} */ { patch }) => void applyPatch(app.store, app.catalog, patch)
    this.#problems = createProblemsPanel({ show: (address) => showAddress(app, address), fix, titleOf: (address) => titleOfAddress(app, address), typeOf: (address) => typeOfAddress(app, address) })
    this.#outline = createOutline(app.store, { catalog: () => app.catalog, titleOf, show, subgraphs: subgraphActions(app) })
    this.#history = createHistory(app.store)
    this.#queue = createQueuePanel(queueActions(app))
    this.#naming = new RunNaming(() => this.refresh(), {
      titleOf: ({ id, title, type }) => title || app.catalog.nodes.get(type)?.title || id, inputName: (name) => shownName({ name }) })
    this.#welcome = createWelcome((id) => this.#run(id))
    this.#results = mountResults({
      open: (shown, index, against) => showResults(app, shown, index, against),
      menu: (result, shown, client) => openResultMenu(app, result, shown, client),
      all: () => this.#run('gallery'), failed: ({ url }) => void checkPicture(app, url),
    })
    this.#bar = mountTopBar({
      hint: (id) => this.#hint(id), run: (id, anchor) => this.#run(id, anchor),
      rename: (title) => title !== app.store.title && app.store.setTitle(title),
    })
    this.#tabs = mountTabStrip({ show: (index) => app.tabs.switchTo(index), close: (index) => closeTab(app, index), add: () => this.#run('new') })
    byId('canvas').append(this.#welcome)
    this.#minimap = mountMinimap(byId('canvas'), {
      read: () => app.editor.map(), centre: (world) => app.editor.centre(world),
      colours: () => {
        const { surface, selection, state } = currentTheme()
        return { panel: surface.panel, view: selection, failed: state.failed, running: state.running, selection }
      },
    })
    this.#form = mountForm(byId('canvas').parentElement ?? document.body, formActions(app, (id) => this.#run(id)))
    this.#listen()
    this.#draw()
  }

  /** What commands open and close. @returns {Panels} */
  get panels() {
    return {
      toggleProblems: (anchor = buttonOf('problems')) => void this.#problems.toggle(anchor),
      showProblems: () => {
        this.#draw()
        if (!this.#problems.isOpen()) this.#problems.toggle(buttonOf('problems'))
      },
      toggleQueue: (anchor = byId('run')) => this.#queue.toggle(anchor, queueOf(this.#app, this.#naming)),
      toggleOutline: (anchor = buttonOf('templates')) => this.#outline.toggle(anchor, this.#here),
      toggleHistory: (anchor = buttonOf('undo')) => this.#history.toggle(anchor),
      close: closePopover,
      editTitle: () => this.#bar.editTitle(),
    }
  }

  /** Something about plan, problems or runs has changed. */
  refresh() {
    this.#overlayIsOld = true
    this.#schedule()
  }

  #listen() {
    const { editor, selection, session, store } = this.#app
    editor.subscribeCamera(() => this.#minimap.update())
    selection.subscribe(() => this.#minimap.update())
    let titled = 0
    let connection = session.connection
    session.subscribe((event) => {
      if (session.connection !== connection && session.connection === 'open') {
        this.#results.retry()
        editor.retryPictures()
      }
      connection = session.connection
      // Every step of a long run says how far it is: the tab's title follows a few times a second.
      if (!event?.type.startsWith('Step') || performance.now() - titled > TITLE_MS) {
        showInTab(this.#app)
        titled = performance.now()
      }
      if (!event || !WITHOUT_RESULTS.has(event.type)) this.#resultsAreOld = true
      this.refresh()
    })
    store.subscribe(({ affectsResult, kind }) => {
      if (kind === 'view') return
      if (affectsResult) this.#answered = ownRuns(this.#app).at(-1)?.id ?? null
      if (affectsResult || kind === 'enter') this.refresh()
      else this.#schedule() // A drag moves nodes in every frame: the bar is all that hears of it.
      showInTab(this.#app)
    })
    showInTab(this.#app)
  }

  /** What is said of the graph that is shown. */
  get #here() {
    const { store } = this.#app
    return scopeOverlay(this.#overlay, addressOf(store.path, ''), (name) => store.node(name) !== undefined)
  }

  #schedule() {
    if (this.#frame) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.#draw()
    })
  }

  #draw() {
    const { store, session } = this.#app
    if (this.#overlayIsOld) this.#drawOverlay()
    this.#welcome.hidden = !showsNothing(store)
    this.#outline.update(this.#here)
    this.#history.update()
    this.#queue.update(queueOf(this.#app, this.#naming))
    this.#minimap.setOpen(settings.minimapOpen && store.nodes().length > 0)
    this.#results.setOpen(settings.resultsOpen)
    this.#results.showLive(session.running ? previewOf(session.running) : null)
    if (this.#resultsAreOld) this.#results.update(session.runs.values())
    this.#resultsAreOld = false
    this.#drawTabs()
    this.#drawForm()
    this.#bar.update(barState(this.#app, this.#overlay.problems))
  }

  #drawForm() {
    const { running } = this.#app.session
    this.#form.setOpen(settings.formOpen)
    if (settings.formOpen) {
      this.#form.update(formState(this.#app, this.#overlay.problems, {
        preview: running ? previewOf(running) : null, progress: running ? progressOf(running, this.#app.session.seconds) : null,
      }))
    }
  }

  #drawTabs() {
    const { tabs, store } = this.#app
    this.#tabs.update(tabs.list.map((tab, index) => (index === tabs.active
      ? { title: store.title, changed: tabs.isChanged, picture: () => null } : { title: tab.title, changed: tab.changed, picture: () => tabs.pictureOf(tab) })), tabs.active)
  }

  #drawOverlay() {
    const { plan, editor } = this.#app
    const problems = problemsOf(this.#app, this.#answered)
    this.#overlay = { ...buildOverlay(ownRuns(this.#app), plan.steps, problems, this.#app.session.costs, this.#app.turns), facts: plan.facts, heat: this.#app.heat, solo: this.#app.looking.solo, slots: this.#app.looking.slots, seen: (node, output) => this.#app.looking.seen(node, output), used: (node, input) => this.#used.of(node, input) }
    void this.#used.update()
    this.#overlayIsOld = false
    editor.setOverlay(this.#overlay)
    this.#app.looking.update()
    this.#problems.update(problems)
  }

  /** @param {string} id @param {HTMLElement} [anchor] */
  #run(id, anchor) {
    void this.#commands().find((command) => command.id === id)?.run(anchor)
  }

  /** A command's label with its key. @param {string} id */
  #hint(id) {
    const command = this.#commands().find((row) => row.id === id)
    const key = command?.keys[0]
    return command ? command.label + (key ? ` (${describe(key)})` : '') : id
  }
}

const ENDED_SHOWN = 5
const TITLE_MS = 200

/** What works and waits, and what one may want to try again. @param {App} app @param {RunNaming} naming @returns {import('../panels/queue.js').ShownQueue} */
const queueOf = ({ session }, naming) => ({
  namesOf: (runs) => naming.of(runs),
  active: session.active, paused: session.paused,
  progress: session.running ? progressOf(session.running, session.seconds) : null,
  left: session.running ? aboutText(remainingOf(session.running, session.seconds, performance.now())) : '',
  cell: workingCell(session.running),
  ended: [...session.runs.values()].filter(({ status }) => status === 'failed' || status === 'cancelled').sort((a, b) => b.seq - a.seq).slice(0, ENDED_SHOWN),
})

/** @param {App} app @param {string} node */
const showNode = (app, node) => {
  app.selection.set({ nodes: [node] })
  app.editor.frame([node])
}

/** @param {App} app @param {string} id */
const titleOfNode = ({ store, catalog }, id) => {
  const node = store.node(id)
  return node?.title || catalog.nodes.get(node?.type ?? '')?.title || id
}

/** The button in the bar from which a panel hangs; Run where that one is not shown. @param {string} command @returns {HTMLElement} */
const buttonOf = (command) => {
  const button = byId('bar').querySelector(`[data-command="${command}"]:not([hidden])`)
  return button instanceof HTMLElement ? button : byId('run')
}

/** What is less says nothing where steps are unknown. */
const LEAST_TOLD = 1

/** About how long: more where nobody has measured a step. @param {import('../run/costs.js').Estimate | null} estimate */
const aboutText = (estimate) => (!estimate?.seconds || (estimate.unknown && estimate.seconds < LEAST_TOLD) ? '' : `${estimate.unknown ? 'over' : 'about'} ${secondsText(estimate.seconds)}`)

/** @param {App} app @param {readonly Problem[]} problems @returns {import('../panels/top_bar.js').TopBarState} */
const barState = ({ store, session, autoRun, plan, looking }, problems) => {
  const { active, running } = session
  const warnings = problems.filter(({ severity }) => severity === 'warning').length
  return {
    title: store.title, undoLabel: store.undoLabel, redoLabel: store.redoLabel,
    errors: problems.length - warnings, warnings, connection: session.connection, busy: active.length > 0,
    waiting: active.length - (running ? 1 : 0), paused: session.paused, auto: autoRun.isOn, resultsOpen: settings.resultsOpen,
    progress: running ? progressOf(running, session.seconds) : null,
    estimate: running ? aboutText(remainingOf(running, session.seconds, performance.now())) : active.length ? '' : [looking.targets ? 'solo' : '', aboutText(estimateOf(plan.steps, session.seconds))].filter(Boolean).join(' · '),
  }
}

/** @param {import('../run/runs.js').Run} run */
const previewOf = (run) => [...run.steps.values()].find(({ state }) => state === 'running')?.preview ?? null

/** The tab says how far the run is: it is seen while one works elsewhere, when no frame is drawn. @param {App} app */
const showInTab = ({ store, session }) => {
  const { running } = session
  const left = running ? remainingOf(running, session.seconds, performance.now()).seconds : 0
  const progress = running ? `${Math.floor(progressOf(running, session.seconds) * 100)}% · ${left >= 2 ? `${secondsText(left)} · ` : ''}` : ''
  const title = `${progress}${store.title} – Tessera`
  if (document.title !== title) document.title = title
}
