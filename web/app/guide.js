// Guiding somebody through a first picture: what to do next, until it is done.

import { byId } from '../panels/element.js'
import { mountGuide } from '../panels/guide.js'
import { clientOf } from './app.js'
import { chooseTemplate } from './opening.js'
import { changeSettings, settings } from './settings.js'

/** @typedef {import('./app.js').App} App */

/** The steps by number: each is done by what one does, never by reading. */
const WRITE = 0
const RUN = 1
const WAIT = 2
const AGAIN = 3

/** Where text is smaller than this nobody reads what is to be changed. */
const LEGIBLE = 0.75

/** @type {ReturnType<typeof mountGuide> | null} */
let open = null

/** The first value of a kind that one may change. @param {App} app @param {(widget: import('../document/catalog.js').Widget) => boolean} fits */
const firstInput = ({ store, catalog }, fits) => {
  for (const node of store.nodes()) {
    const input = catalog.nodes.get(node.type)?.inputs.find(({ widget }) => widget && fits(widget))
    if (input) return { node: node.id, input: input.name }
  }
  return null
}

/** Selects a node, and goes there where it cannot be read or is not in sight. @param {App} app @param {string} node */
const show = ({ selection, editor }, node) => {
  selection.set({ nodes: [node] })
  const { x, y, width, height } = editor.bounds(node) ?? { x: 0, y: 0, width: 0, height: 0 }
  const box = byId('canvas').getBoundingClientRect()
  const [left, top] = editor.toClient(x, y)
  const [right, bottom] = editor.toClient(x + width, y + height)
  const inSight = left >= box.left && top >= box.top && right <= box.right && bottom <= box.bottom
  if (!inSight || editor.camera.zoom < LEGIBLE) editor.frame([node])
}

/** @param {App} app */
const writePrompt = (app) => {
  const found = firstInput(app, (widget) => widget.kind === 'text' && widget.multiline === true)
  if (!found) return
  show(app, found.node)
  app.editor.editWidget(found.node, found.input)
}

/** @param {App} app */
const showSeed = (app) => {
  const found = firstInput(app, (widget) => widget.kind === 'seed')
  if (found) show(app, found.node)
}

/** @param {App} app @param {(command: string) => void} run */
export const startGuide = (app, run) => {
  open?.close()
  const guide = mountGuide(byId('canvas').parentElement ?? document.body, [
    { title: 'Write what you want to see', words: 'Click into the prompt and change it: “a cat, sky blue background”. The small model that comes along draws one thing on a plain background; models of your own draw more.', show: { label: 'Show the prompt', run: () => writePrompt(app) } },
    { title: 'Run it', words: 'Press Run at the right top, or Ctrl+Enter. Only what has changed is computed.', show: { label: 'Run', run: () => run('run') } },
    { title: 'Watch it appear', words: 'The sampler shows the picture while it is made. When it is done, it is in the node and in the strip at the right.' },
    { title: 'Another one', words: 'The same values make the same picture. Press the die beside the seed for another one, and run again.', show: { label: 'Show the seed', run: () => showSeed(app) } },
    { title: 'That is all there is to it', words: 'Point at a node’s title to read what it does. Models of your own go into the folder models. Templates show more: larger pictures, painting over a part, sketches; Ctrl+P finds every command.', show: { label: 'Templates', run: () => (guide.close(), void chooseTemplate(app)) } },
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
      const id = String(event?.run)
      if (!event || known.has(id) || app.session.runs.get(id)?.client !== clientOf(app.documentId)) return // The log tells what others ran, too.
      if (event.type === 'RunQueued') [WRITE, RUN].forEach(done)
      if (event.type !== 'RunFinished' || event.status !== 'succeeded') return
      changeSettings({ greeted: true })
      done(guide.at() === AGAIN ? AGAIN : WAIT)
    }),
  ]
  open = guide
}

/** Who comes for the first time is guided; a browser that a program drives is not. @param {App} app @param {(command: string) => void} run */
export const greet = (app, run) => {
  if (!settings.greeted && !navigator.webdriver && app.store.nodes().length) startGuide(app, run)
}
