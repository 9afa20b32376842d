// Hands that never rest in the whole editor: what people do in hours, in minutes; then what is left of it in memory.

/** In the page: what is done in turn, one thing in each frame. */
const install = async () => {
  const { store, editor, selection, tabs } = window.tessera
  const from = (path) => import(path)
  const [edits, subgraphs, clipboard, annotations, running] = await Promise.all(
    ['/document/edits.js', '/document/make_subgraph.js', '/document/clipboard.js', '/document/annotations.js', '/app/running.js'].map(from))
  const { pointer } = window.bench
  const ids = () => store.nodes().map(({ id }) => id)
  const some = (at) => ids()[at % Math.max(1, ids().length)]
  const add = (at, type = 'KSampler') => edits.addNode(store, window.tessera.catalog, { type, position: [at % 5000, at % 3000] })
  const press = (key, more = {}) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { code: key, key, bubbles: true, ...more }))
  /** A made-up Escape does not do it. */
  const closeDialogs = () => {
    press('Escape')
    for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close()
  }
  const drag = (at) => {
    const { x, y, width } = editor.bounds(some(at))
    editor.setCamera({ x: x - 300, y: y - 200, zoom: 1 })
    const [cx, cy] = editor.toClient(x + width / 2, y + 12)
    pointer('pointerdown', cx, cy)
    for (let step = 1; step < 5; step += 1) pointer('pointermove', cx + step * 9, cy + step * 5)
    pointer('pointerup', cx + 36, cy + 20)
  }
  const acts = {
    look: (at) => editor.setCamera({ x: (at * 37) % 9000, y: (at * 23) % 7000, zoom: 0.1 + (at % 40) / 30 }),
    type: (at) => edits.setInput(store, some(at), 'text', `words ${at % 50}`),
    wire: (at) => edits.connect(store, window.tessera.catalog, { from: [add(at, 'EmptyLatentImage'), 'LATENT'], to: [add(at), 'latent_image'] }),
    undo: () => store.undo(),
    redo: () => store.redo(),
    remove: (at) => edits.deleteSelection(store, { nodes: [add(at)], links: [] }),
    select: (at) => selection.set({ nodes: ids().slice(at % 50, (at % 50) + 20) }),
    drag,
    frame: (at) => annotations.addFrame(store, { x: at % 900, y: at % 700, width: 300, height: 200 }, `Part ${at}`),
    copy: (at) => clipboard.duplicate(store, { nodes: ids().slice(-3), annotations: [] }, { fed: at % 2 === 1 }),
    group: () => subgraphs.makeSubgraph(store, window.tessera.catalog, { nodes: ids().slice(-2) }),
    enter: () => {
      const instance = store.nodes().find(({ type }) => type.startsWith('@'))
      if (instance && store.enter(instance.id)) setTimeout(() => store.leave(), 100)
    },
    trim: () => edits.deleteSelection(store, { nodes: ids().slice(40), links: [] }),
    tab: () => {
      tabs.open(store.toJSON())
      tabs.close(tabs.active)
    },
    picture: () => {
      const shown = store.nodes().find(({ id }) => editor.picturesOf(id).length)
      if (shown) window.tessera.looking.peek(shown.id, undefined, [200, 200])
      setTimeout(closeDialogs, 150)
    },
    palette: () => {
      press('KeyP', { key: 'p', ctrlKey: true })
      setTimeout(() => press('Escape'), 50)
    },
  }
  window.soak = {
    work: async (seconds) => {
      const end = performance.now() + seconds * 1000
      const failed = {}
      let frames = 0
      for (; performance.now() < end; frames += 1) {
        const [name, act] = Object.entries(acts)[frames % Object.keys(acts).length]
        try {
          act(frames)
        } catch (error) {
          failed[name] = String(error)
        }
        await window.bench.nextFrame()
      }
      return { frames, failed }
    },
    /** Whatever the edits left, what runs is the first document: it gives pictures. */
    run: async (document) => {
      tabs.open(document)
      await running.run(window.tessera, { showProblems: () => {} })
      tabs.close(tabs.active)
    },
    /** The same document again, alone, with nothing to undo. */
    settle: async (opened) => {
      while (tabs.list.length > 1) tabs.close(tabs.list.length - 1)
      closeDialogs()
      store.load(opened)
      selection.set({})
      for (let round = 0; round < 5; round += 1) await window.bench.nextFrame()
      await new Promise((resolve) => setTimeout(resolve, 3000)) // Toasts and pictures in passing go by themselves.
    },
  }
}

/** What the page holds when all that can be collected is. */
const held = async (session) => {
  for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  const value = (name) => metrics.find((metric) => metric.name === name).value
  return { heapKb: Math.round(value('JSHeapUsedSize') / 1024), nodes: value('Nodes'), listeners: value('JSEventListeners'), documents: value('Documents') }
}

/** @returns what was held after a tenth of the time and at the end, both with the same document, and what the history made of it */
export const soak = async ({ page, session, document, seconds, every = 60, report = () => {} }) => {
  await page.evaluate(install)
  await page.evaluate((loaded) => window.soak.settle(loaded), document)
  let done = { frames: 0, failed: {}, runs: 0 }
  const work = async (length) => {
    await page.evaluate((ran) => window.soak.run(ran), document)
    const { frames, failed } = await page.evaluate((wanted) => window.soak.work(wanted), length)
    done = { frames: done.frames + frames, failed: { ...done.failed, ...failed }, runs: done.runs + 1 }
  }
  await work(Math.max(2, seconds / 10)) // What is made once: compiled code, measured texts, the first pictures.
  await page.evaluate((loaded) => window.soak.settle(loaded), document)
  const before = await held(session)
  done = { ...done, frames: 0, runs: 0 }
  for (let left = seconds; left > 0; left -= every) {
    await work(Math.min(left, every))
    report({ left: Math.max(0, left - every), ...(await held(session)) })
  }
  const edits = await page.evaluate(() => window.tessera.store.history.done)
  await page.evaluate((loaded) => window.soak.settle(loaded), document)
  const after = await held(session)
  return { seconds, ...done, edits, before, after }
}
