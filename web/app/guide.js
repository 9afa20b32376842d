// Guiding somebody through a first picture: what to do next, until it is done.

import { byId } from '../panels/element.js'
import { mountGuide } from '../panels/guide.js'
import { chooseTemplate } from './opening.js'
import { changeSettings, settings } from './settings.js'

/** @typedef {import('./app.js').App} App */

/** The steps by number: each is done by what one does, never by reading. */
const WRITE = 0
const RUN = 1
const WAIT = 2

/** @type {ReturnType<typeof mountGuide> | null} */
let open = null

/** The first text that one may write. @param {App} app */
const prompt = ({ store, catalog }) => {
  for (const node of store.nodes()) {
    const input = catalog.nodes.get(node.type)?.inputs.find(({ widget }) => widget?.kind === 'text' && widget.multiline)
    if (input) return { node: node.id, input: input.name }
  }
  return null
}

/** @param {App} app @param {(command: string) => void} run */
export const startGuide = (app, run) => {
  open?.close()
  const write = () => {
    const found = prompt(app)
    if (!found) return
    app.selection.set({ nodes: [found.node] })
    app.editor.frame([found.node])
    app.editor.editWidget(found.node, found.input)
  }
  const guide = mountGuide(byId('canvas').parentElement ?? document.body, [
    { title: 'Write what you want to see', words: 'Click into the prompt and change it: “a red apple on a table”.', show: { label: 'Show the prompt', run: write } },
    { title: 'Run it', words: 'Press Run at the right top, or Ctrl+Enter. Only what has changed is computed.', show: { label: 'Run', run: () => run('run') } },
    { title: 'Watch it appear', words: 'The sampler shows the picture while it is made. When it is done, it is in the node and in the strip at the right.' },
    { title: 'That is all there is to it', words: 'Change any value and run again. Templates show what else there is; Ctrl+P finds every command.', show: { label: 'Templates', run: () => void chooseTemplate(app) } },
  ], () => {
    stops.forEach((stop) => stop())
    open = null
    changeSettings({ greeted: true })
  })
  const done = (/** @type {number} */ step) => guide.isOpen() && guide.at() === step && guide.show(step + 1)
  const known = new Set(app.session.runs.keys())
  const stops = [
    app.store.subscribe(({ kind, affectsResult }) => kind === 'edit' && affectsResult && done(WRITE)),
    app.session.subscribe((event) => {
      if (!event || known.has(String(event.run))) return
      if (event.type === 'RunQueued') [WRITE, RUN].forEach(done)
      if (event.type === 'RunFinished' && event.status === 'succeeded') done(WAIT)
    }),
  ]
  open = guide
}

/** Who comes for the first time is guided; a browser that a program drives is not. @param {App} app @param {(command: string) => void} run */
export const greet = (app, run) => {
  if (!settings.greeted && !navigator.webdriver && app.store.nodes().length) startGuide(app, run)
}
