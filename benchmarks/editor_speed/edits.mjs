// Edits of everything at once in the whole editor, by the keys that people press: how long until each is seen.

import { buildGraph } from './documents.mjs'

/** Until what an edit leaves to do is done: keeping and planning wait for a pause. */
const REST_MS = 1000

/** In the page: pressing keys as people do, and waiting until what they did is drawn. */
const install = () => {
  const { store, editor, selection } = window.tessera
  const host = document.querySelector('#canvas')
  const pressOne = (keys) => {
    const [key, ...held] = keys.split('+').reverse()
    const code = /^[A-Z]$/.test(key) ? `Key${key}` : key
    const target = document.activeElement ?? host
    target.dispatchEvent(new KeyboardEvent('keydown', { key: key.length > 1 || held.includes('Shift') ? key : key.toLowerCase(), code, ctrlKey: held.includes('Ctrl'), shiftKey: held.includes('Shift'), bubbles: true, cancelable: true }))
  }
  const press = (keys) => keys.split(' ').forEach(pressOne)
  /** The frame that shows it is drawn when the first task after it begins. */
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = resolve
    port2.postMessage(null)
  }))
  const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  const paste = (text) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', text)
    host.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }
  const write = (selector, text) => {
    const input = document.querySelector(selector)
    input.value = text
    input.dispatchEvent(new InputEvent('input', { bubbles: true }))
  }
  const close = () => {
    for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close()
    host.focus()
    press('Escape')
  }
  window.bulk = {
    press, paste, write, close, rest,
    ids: () => store.nodes().map(({ id }) => id),
    /** A document at rest: opened, planned, kept. */
    open: async (document) => {
      close()
      store.load(document)
      selection.set({})
      host.focus()
      editor.frame()
      await drawn()
      await rest(1200)
    },
    /** Until what it did is drawn. */
    see: async (act) => {
      act()
      await drawn()
    },
    /** So many edits that can be undone. */
    edit: (count) => {
      const [first] = store.nodes()
      for (let at = 0; at < count; at += 1) store.edit(`Move ${at}`, (tx) => tx.put('nodes', { ...first, position: [at, at] }))
    },
  }
}

/** In the page. */
const chooseHalf = () => window.tessera.selection.set({ nodes: window.bulk.ids().slice(0, window.bulk.ids().length / 2) })
const askToReplace = () => {
  window.bulk.press('Ctrl+Shift+F')
  window.bulk.write('.replace input', 'prompt')
}

/** By name: what is done before, and what is measured; keys, or what is done in the page. @type {Record<string, {given?: (string | (() => unknown))[], act: string | (() => unknown)}>} */
const ACTS = {
  'select all': { act: 'Ctrl+A' },
  'duplicate all': { given: ['Ctrl+A'], act: 'Ctrl+D' },
  'undo it': { given: ['Ctrl+A Ctrl+D'], act: 'Ctrl+Z' },
  'redo it': { given: ['Ctrl+A Ctrl+D Ctrl+Z'], act: 'Ctrl+Y' },
  'delete all': { given: ['Ctrl+A'], act: 'Delete' },
  'undo deleting': { given: ['Ctrl+A Delete'], act: 'Ctrl+Z' },
  'delete every second': { given: [() => window.tessera.selection.set({ nodes: window.bulk.ids().filter((_, at) => at % 2) })], act: 'Delete' },
  'paste as many': {
    given: [async () => { window.bulk.text = (await import('/document/clipboard.js')).copyText(window.tessera.store, window.bulk.ids()) }],
    act: () => window.bulk.paste(window.bulk.text),
  },
  arrange: { act: 'L' },
  'undo arranging': { given: ['L'], act: 'Ctrl+Z' },
  'bypass all': { given: ['Ctrl+A'], act: 'B' },
  'make half of it a sub-graph': { given: [chooseHalf], act: 'Ctrl+G' },
  'unpack that': {
    given: [chooseHalf, 'Ctrl+G', () => {
      window.bulk.close() // Its name is asked.
      window.tessera.selection.set({ nodes: window.tessera.store.nodes().filter(({ type }) => type.startsWith('@')).map(({ id }) => id) })
    }],
    act: 'Ctrl+Shift+G',
  },
  'show all that Replace would change': { given: ['Ctrl+Shift+F'], act: () => window.bulk.write('.replace input', 'prompt') },
  'replace it': { given: [askToReplace, () => window.bulk.write('.replace input:nth-of-type(2)', 'fox')], act: () => document.querySelector('.replace-go').click() },
  'a letter in Find': { given: ['Ctrl+F'], act: () => window.bulk.write('.picker-input', 'p') },
  'open the history of 5,000 edits': { given: [() => window.bulk.edit(5000)], act: 'Shift+H' },
  'an edit beside it': { given: [() => window.bulk.edit(5000), 'Shift+H'], act: () => window.bulk.edit(1) },
}

/** The work of the page's thread in ms, in script and beside it: styles, layout, painting without a graphics card. */
const worked = async (session) => {
  const { metrics } = await session.send('Performance.getMetrics')
  const value = (name) => 1000 * metrics.find((metric) => metric.name === name).value
  return { script: value('ScriptDuration'), all: value('TaskDuration') }
}

/** Once: after a rest, what doing it costs the page's thread until it is drawn, and in the rest that follows. */
const cost = async ({ page, session }, document, { given = [], act }) => {
  /** @param {(does: () => unknown) => unknown} how in the page */
  const perform = async (what, how) => page.evaluate(how, await page.evaluateHandle(typeof what === 'string' ? `() => window.bulk.press('${what}')` : `(${what})`))
  await page.evaluate((opened) => window.bulk.open(opened), document)
  for (const each of given) await perform(each, (does) => does())
  await page.waitForTimeout(REST_MS)
  const before = await worked(session)
  await perform(act, (does) => window.bulk.see(does))
  const seen = await worked(session)
  await page.waitForTimeout(REST_MS)
  const script = seen.script - before.script
  return { script, beside: seen.all - before.all - script, later: (await worked(session)).script - seen.script }
}

/** @returns by name, ms of script until the act is drawn, of what else that took, and of script in the second after: keeping, planning; the least of so many tries */
export const measureEdits = async (editor, size, { tries, only = '', report }) => {
  await editor.page.evaluate(install)
  const document = await editor.page.evaluate(buildGraph, size)
  const rows = {}
  for (const [name, act] of Object.entries(ACTS).filter(([each]) => each.includes(only))) {
    let best
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const tried = await cost(editor, document, act)
      if (!best || tried.script < best.script) best = tried
    }
    rows[name] = best
    report(name, best)
  }
  await editor.page.evaluate(() => window.bulk.close())
  return rows
}
