// All that is on screen about the document and its runs, drawn again at most once per frame.

import { byId } from '../panels/element.js'
import { createOutline } from '../panels/outline.js'
import { createProblemsPanel } from '../panels/problems.js'
import { closePopover } from '../panels/popover.js'
import { createQueuePanel } from '../panels/queue.js'
import { mountResults } from '../panels/results.js'
import { mountTopBar } from '../panels/top_bar.js'
import { createWelcome } from '../panels/welcome.js'
import { applyPatch } from '../document/edits.js'
import { emptyOverlay } from '../canvas/overlay_types.js'
import { buildOverlay } from '../run/overlay.js'
import { progressOf } from '../run/runs.js'
import { ownRuns } from './app.js'
import { cancelById } from './running.js'
import { showResults } from './services.js'
import { settings } from './settings.js'
import { describe } from './shortcuts.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Command} Command */
/** @typedef {import('./commands.js').Panels} Panels */
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

/** @param {App} app @param {() => readonly Command[]} commands */
export const createScreen = (app, commands) => {
  const { store, session } = app
  let frame = 0
  let resultsAreOld = true
  /** @type {string | null} */
  let answered = null
  /** @type {ReturnType<typeof mountTopBar>} */
  let bar
  /** @type {ReturnType<typeof mountResults>} */
  let results

  let overlay = emptyOverlay()
  const show = (/** @type {string} */ node) => {
    app.selection.set({ nodes: [node] })
    app.editor.frame([node])
  }
  const titleOf = (/** @type {string} */ id) => {
    const node = store.node(id)
    return node?.title || app.catalog.nodes.get(node?.type ?? '')?.title || id
  }
  const problems = createProblemsPanel({
    show,
    fix: ({ patch }) => void applyPatch(store, app.catalog, patch),
    titleOf,
  })
  const outline = createOutline(store, { catalog: () => app.catalog, titleOf, show })
  const queue = createQueuePanel((run) => void cancelById(run))
  const anchorOf = (/** @type {string} */ command) => {
    const button = document.querySelector(`#bar [data-command="${command}"]:not([hidden])`)
    return /** @type {HTMLElement} */ (button ?? document.querySelector('#bar [data-command="run"]'))
  }
  /** @type {Panels} */
  const panels = {
    toggleProblems: (anchor = anchorOf('problems')) => void problems.toggle(anchor),
    showProblems: () => {
      draw()
      if (!problems.isOpen()) problems.toggle(anchorOf('problems'))
    },
    toggleQueue: (anchor = anchorOf('queue')) => queue.toggle(anchor, session.active),
    toggleOutline: (anchor = anchorOf('templates')) => outline.toggle(anchor, overlay),
    close: closePopover,
    editTitle: () => bar.editTitle(),
  }

  const welcome = createWelcome((id) => void commands().find((row) => row.id === id)?.run())
  const draw = () => {
    welcome.hidden = store.nodes().length > 0
    const found = problemsOf(app, answered)
    overlay = buildOverlay(ownRuns(app), app.plan.steps, found)
    app.editor.setOverlay(overlay)
    outline.update(overlay)
    problems.update(found)
    const { active, running } = session
    queue.update(active)
    results.showLive(running ? (previewOf(running) ?? null) : null)
    if (resultsAreOld) results.update(session.runs.values(), settings.resultsOpen)
    resultsAreOld = false
    const warnings = found.filter(({ severity }) => severity === 'warning').length
    bar.update({
      title: store.title, undoLabel: store.undoLabel, redoLabel: store.redoLabel,
      errors: found.length - warnings, warnings, connection: session.connection, busy: active.length > 0,
      waiting: active.length - (running ? 1 : 0), resultsOpen: settings.resultsOpen,
      progress: running ? progressOf(running, session.seconds) : null,
    })
  }
  const schedule = () => {
    if (frame) return
    frame = requestAnimationFrame(() => {
      frame = 0
      draw()
    })
  }
  const refresh = () => {
    resultsAreOld = true
    schedule()
  }

  const mount = () => {
    const hint = (/** @type {string} */ id) => {
      const command = commands().find((row) => row.id === id)
      return command ? [command.label, command.keys[0] && `(${describe(command.keys[0])})`].filter(Boolean).join(' ') : id
    }
    bar = mountTopBar({
      hint, rename: (title) => title !== store.title && store.setTitle(title),
      run: (id, anchor) => void commands().find((row) => row.id === id)?.run(anchor),
    })
    byId('canvas').append(welcome)
    results = mountResults({ open: (shown, index) => showResults(app, shown, index) })
    session.subscribe((event) => {
      showInTab(app)
      if (event && WITHOUT_RESULTS.has(event.type)) schedule()
      else refresh()
    })
    store.subscribe(({ affectsResult }) => {
      if (affectsResult) answered = ownRuns(app).at(-1)?.id ?? null
      showInTab(app)
    })
    showInTab(app)
    draw()
  }
  return { mount, refresh, panels }
}

/** @param {import('../run/runs.js').Run} run */
const previewOf = (run) => [...run.steps.values()].find(({ preview }) => preview)?.preview

/** The tab says how far the run is: it is seen while one works elsewhere, when no frame is drawn. @param {App} app */
const showInTab = ({ store, session }) => {
  const { running } = session
  const progress = running ? `${Math.floor(progressOf(running, session.seconds) * 100)}% · ` : ''
  const title = `${progress}${store.title} – Tessera`
  if (document.title !== title) document.title = title
}
