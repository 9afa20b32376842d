// The bar on top: the document's name, the few commands that are always wanted, and how the run goes.

import { byId, element } from './element.js'
import { icon } from './icons.js'

/** @typedef {import('./icons.js').IconName} IconName */
/** @typedef {import('../run/connection.js').ConnectionState} ConnectionState */
/**
 * @typedef {object} TopBarState
 * @property {string} title
 * @property {string | null} undoLabel
 * @property {string | null} redoLabel
 * @property {number} errors
 * @property {number} warnings
 * @property {ConnectionState} connection
 * @property {number} waiting runs in the queue behind the running one
 * @property {boolean} paused
 * @property {boolean} auto changes run by themselves
 * @property {boolean} busy
 * @property {number | null} progress 0..1 while a run works
 * @property {string} estimate how long the run will take, or still takes; empty where nobody knows
 * @property {boolean} resultsOpen
 */
/**
 * @typedef {object} TopBarActions
 * @property {(command: string, anchor: HTMLElement) => void} run
 * @property {(title: string) => void} rename
 * @property {(id: string) => string} hint a command's label with its key
 */

const CONNECTION = { open: 'Connected', connecting: 'Connecting…', offline: 'No connection to the server: trying again' }

/** @param {TopBarActions} actions */
export const mountTopBar = (actions) => {
  /** Their keys may change. @type {Map<HTMLElement, string>} */
  const hinted = new Map()
  const button = (/** @type {string} */ command, /** @type {IconName} */ name) => {
    const node = element('button', { class: 'quiet', 'data-command': command }, icon(name))
    node.onclick = () => actions.run(command, node)
    hinted.set(node, command)
    return node
  }
  const title = element('input', { class: 'document-title', 'aria-label': 'Workflow title', dir: 'auto', spellcheck: false, maxLength: 120 })
  title.onchange = () => actions.rename(title.value.trim() || 'Untitled')
  title.onkeydown = (event) => {
    if (!event.isComposing && (event.key === 'Enter' || event.key === 'Escape')) title.blur()
  }
  const undo = button('undo', 'undo')
  const redo = button('redo', 'redo')
  const problems = element('button', { class: 'quiet badge-button', 'data-command': 'problems' }, icon('warning'), element('span'))
  problems.onclick = () => actions.run('problems', problems)
  const connection = element('span', { class: 'connection', role: 'img' })
  const away = element('span', { class: 'connection-away', role: 'status' })
  const queue = element('button', { class: 'quiet queue-count', 'data-command': 'queue' })
  const cancel = button('cancel', 'stop')
  cancel.classList.add('cancel')
  const estimate = element('span', { class: 'run-estimate' })
  const runLabel = element('span', { class: 'run-label' }, 'Run')
  const run = element('button', { class: 'run', id: 'run', 'data-command': 'run' }, icon('play'), runLabel)
  run.onclick = () => actions.run('run', run)
  queue.onclick = () => actions.run('queue', run) // There it covers the least of the canvas.
  const results = button('results', 'pictures')
  const templates = button('templates', 'templates')
  templates.append('Templates')
  byId('bar').append(
    title, element('span', { class: 'group' }, undo, redo),
    element('span', { class: 'spring' }),
    queue, estimate, // Left of the buttons: they stay where they are while runs come and go.
    element('span', { class: 'group' }, templates, button('open', 'open'), button('save', 'save')),
    element('span', { class: 'group' }, button('form', 'form'), button('shortcuts', 'keyboard'), button('settings', 'values'), results),
    problems, connection, away, element('span', { class: 'group run-group' }, cancel, run))
  const line = byId('progress')

  /** @param {TopBarState} state */
  const update = (state) => {
    if (document.activeElement !== title) {
      title.value = state.title
      title.size = Math.max(6, Math.min(48, state.title.length + 1))
    }
    for (const [node, command] of hinted) if (node !== undo && node !== redo) hintAt(node, actions.hint(command))
    setHistory(undo, state.undoLabel, actions.hint('undo'))
    setHistory(redo, state.redoLabel, actions.hint('redo'))
    showProblems(problems, state)
    connection.className = `connection connection-${state.connection}`
    connection.setAttribute('aria-label', CONNECTION[state.connection])
    connection.title = CONNECTION[state.connection]
    if (state.connection !== 'connecting') away.textContent = state.connection === 'open' ? '' : 'No connection'
    cancel.hidden = !state.busy
    estimate.textContent = away.textContent ? '' : state.estimate && state.progress !== null ? `${state.estimate} left` : state.estimate
    estimate.title = state.progress === null ? 'What will run, by what it took the last time' : 'What is left, by its pace'
    queue.hidden = state.waiting === 0 && !state.paused
    queue.textContent = state.paused ? (state.waiting ? `Paused, ${state.waiting} waiting` : 'Paused') : `${state.waiting} waiting`
    results.setAttribute('aria-pressed', String(state.resultsOpen))
    run.classList.toggle('busy', state.busy)
    runLabel.textContent = state.progress === null ? (state.auto ? 'Auto' : 'Run') : `${Math.floor(state.progress * 100)}%`
    run.title = actions.hint('run')
    run.setAttribute('aria-label', labelOf(runLabel.textContent ?? '', state.busy ? 'Run again: joins the queue' : actions.hint('run')))
    line.style.transform = `scaleX(${state.progress ?? 0})`
    line.classList.toggle('busy', state.progress !== null)
  }
  return { update, editTitle: () => title.select() }
}

/** A button is called by what stands on it, too. @param {string} text @param {string} hint */
const labelOf = (text, hint) => (hint.startsWith(text) ? hint : `${text} · ${hint}`)

/** @param {HTMLElement} node @param {string} hint what it does @param {string} [title] and to what */
const hintAt = (node, hint, title = hint) => {
  node.title = title
  node.setAttribute('aria-label', hint)
}

/** @param {HTMLButtonElement} button @param {string | null} label @param {string} hint */
const setHistory = (button, label, hint) => {
  button.disabled = label === null
  hintAt(button, hint, label ? `${hint}: ${label}` : hint)
}

/** @param {HTMLButtonElement} button @param {TopBarState} state */
const showProblems = (button, { errors, warnings }) => {
  const count = errors + warnings
  button.hidden = count === 0
  button.classList.toggle('has-errors', errors > 0)
  const label = `${count} ${count === 1 ? 'problem' : 'problems'}`
  button.title = label
  button.setAttribute('aria-label', label)
  const text = button.lastElementChild
  if (text) text.textContent = String(count)
}
