// What is done while frames are measured; all of it runs in the page.

/** In the page: what the scenarios share. */
export const install = () => {
  window.dev ??= window.tessera // On the canvas alone, or in the whole editor.
  const { editor, store, selection } = window.dev
  const host = document.querySelector('.canvas-host')
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))
  const pointer = (type, x, y, more = {}) => host.dispatchEvent(new PointerEvent(type, { clientX: x, clientY: y, bubbles: true, pointerId: 1, pointerType: 'mouse', button: 0, buttons: 1, ...more }))
  host.setPointerCapture = () => {}
  const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  window.bench = {
    nextFrame, pointer, base: document.querySelector('.canvas-host').id === 'host' ? '/web' : '',
    /** Does something before each frame; its time and the frame's drawing are one cost. */
    measure: async (frames, act) => {
      const costs = []
      await nextFrame()
      for (let frame = 0; frame < frames; frame += 1) {
        const started = performance.now()
        act(frame)
        const acted = performance.now() - started
        const before = editor.stats.frames
        await nextFrame()
        if (editor.stats.frames === before) await nextFrame()
        costs.push(acted + editor.stats.lastFrameMs)
      }
      const sorted = costs.sort((a, b) => a - b)
      return { median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), worst: sorted.at(-1), over50: sorted.filter((cost) => cost > 50).length }
    },
    /** Calls of the canvas in one frame. */
    count: async () => {
      const calls = { texts: 0, strokes: 0, fills: 0 }
      const { prototype } = CanvasRenderingContext2D
      const kept = { fillText: prototype.fillText, stroke: prototype.stroke, fill: prototype.fill }
      const names = { fillText: 'texts', stroke: 'strokes', fill: 'fills' }
      for (const [method, name] of Object.entries(names)) prototype[method] = function (...given) { calls[name] += 1; return kept[method].apply(this, given) }
      editor.setCamera({ ...editor.camera })
      await nextFrame()
      await nextFrame()
      Object.assign(prototype, kept)
      const { view, nodes } = editor.map()
      const visible = nodes.filter(({ x, y, width, height }) => x < view.x + view.width && x + width > view.x && y < view.y + view.height && y + height > view.y).length
      return { nodes: visible, ...calls }
    },
    /** Nodes from the middle of the document on. */
    grid: (count) => {
      const ids = store.nodes().map(({ id }) => id)
      const start = Math.floor(ids.length * 0.4)
      selection.set({ nodes: ids.slice(start, start + count) })
      return ids[start]
    },
  }
}

/** In the page, by name: what is done for so many frames. */
export const SCENARIOS = {
  'panning, all in view': async (frames) => {
    const { editor } = window.dev
    editor.frame()
    const start = editor.camera
    return { ...await window.bench.measure(frames, (frame) => editor.setCamera({ ...start, x: start.x + frame * 20 })), drawn: await window.bench.count() }
  },
  'panning at half size': async (frames) => {
    const { editor } = window.dev
    editor.setCamera({ x: 4000, y: 4000, zoom: 0.5 })
    const start = editor.camera
    return { ...await window.bench.measure(frames, (frame) => editor.setCamera({ ...start, x: start.x + frame * 12 })), drawn: await window.bench.count() }
  },
  'panning at full size': async (frames) => {
    const { editor } = window.dev
    editor.setCamera({ x: 4000, y: 4000, zoom: 1 })
    const start = editor.camera
    return { ...await window.bench.measure(frames, (frame) => editor.setCamera({ ...start, x: start.x + frame * 6 })), drawn: await window.bench.count() }
  },
  'zooming from all to one': async (frames) => {
    const { editor } = window.dev
    editor.frame()
    return window.bench.measure(frames, (frame) => editor.zoomTo(0.06 * 1.03 ** (frame % 100)))
  },
  'dragging 200 nodes': async (frames) => {
    const { editor, store } = window.dev
    const { x, y, width } = editor.bounds(window.bench.grid(200))
    editor.setCamera({ x: x - 600, y: y - 400, zoom: 0.4 })
    await window.bench.nextFrame()
    const [cx, cy] = editor.toClient(x + width / 2, y + 12)
    window.bench.pointer('pointerdown', cx, cy)
    const cost = await window.bench.measure(frames, (frame) => window.bench.pointer('pointermove', cx + 8 + (frame % 60), cy + (frame % 40)))
    window.bench.pointer('pointerup', cx, cy)
    store.undo()
    return cost
  },
  'dragging a wire': async (frames) => {
    const { editor } = window.dev
    const [wx, wy] = editor.socketPoint('n1009', 'output', 'CONDITIONING')
    editor.setCamera({ x: wx - 1600, y: wy - 900, zoom: 0.4 })
    await window.bench.nextFrame()
    const [x, y] = editor.toClient(wx, wy)
    window.bench.pointer('pointerdown', x, y)
    const cost = await window.bench.measure(frames, (frame) => window.bench.pointer('pointermove', x + 10 + ((frame * 7) % 700), y + ((frame * 5) % 300)))
    window.bench.pointer('pointercancel', x, y)
    return cost
  },
  'pointing at things': async (frames) => {
    const { editor } = window.dev
    editor.setCamera({ x: 4000, y: 4000, zoom: 0.5 })
    await window.bench.nextFrame()
    return window.bench.measure(frames, (frame) => window.bench.pointer('pointermove', 100 + ((frame * 37) % 1200), 60 + ((frame * 23) % 600), { buttons: 0 }))
  },
  'a run of 1,000 nodes': async (frames) => {
    const { editor, store } = window.dev
    const { applyEvent } = await import(`${window.bench.base}/run/runs.js`)
    const { buildOverlay } = await import(`${window.bench.base}/run/overlay.js`)
    const ids = store.nodes().slice(0, 1000).map(({ id }) => id)
    const runs = new Map()
    const send = (event, at) => applyEvent(runs, { run: 'r', seq: at, time: 0, ...event }, 0)
    send({ type: 'RunQueued', title: 'T', client: 'c', steps: ids.map((id) => [id, 'will_run']) }, 1)
    send({ type: 'RunStarted' }, 2)
    editor.frame()
    const perFrame = Math.ceil(1000 / frames)
    return window.bench.measure(frames, (frame) => {
      for (const id of ids.slice(frame * perFrame, (frame + 1) * perFrame)) {
        send({ type: 'StepStarted', step: id }, frame)
        send({ type: 'StepFinished', step: id, seconds: 0.01, artifacts: [] }, frame)
      }
      editor.setOverlay(buildOverlay([...runs.values()], [], []))
    })
  },
}

/** In the page: opening, idling, and what many edits leave behind. */
export const single = async ([small, edits]) => {
  const { editor, store } = window.dev
  const { nextFrame } = window.bench
  const opening = []
  for (let round = 0; round < 5; round += 1) {
    const started = performance.now()
    store.load({ ...small, view: { x: 0, y: 0, zoom: 0.1 + round / 100 } })
    await nextFrame()
    await nextFrame()
    opening.push(performance.now() - started)
  }
  await new Promise((resolve) => setTimeout(resolve, 500))
  const before = editor.stats.frames
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const idle = editor.stats.frames - before
  window.gc?.()
  const heap = performance.memory.usedJSHeapSize
  const ids = store.nodes().map(({ id }) => id)
  for (let edit = 0; edit < edits; edit += 1) {
    store.edit('Move', (tx) => tx.put('nodes', { ...store.node(ids[edit % ids.length]), position: [edit % 997, edit % 1009] }))
    if (edit % 50 === 0) await nextFrame()
  }
  window.gc?.()
  return { openMs: opening.sort((a, b) => a - b)[2], framesAtRest: idle, bytesPerEdit: (performance.memory.usedJSHeapSize - heap) / edits }
}
