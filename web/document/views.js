// Kept views: numbered places of the canvas to come back to, in the document beside where the editor looked last.

/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('./store.js').Store} Store */

/** @param {unknown} view @returns {view is Camera} */
const isCamera = (view) => ['x', 'y', 'zoom'].every((field) => Number.isFinite(Reflect.get(Object(view), field))) && Reflect.get(Object(view), 'zoom') > 0

/** What another program wrote there is no view. @param {Store} store @param {string} number @returns {Camera | null} */
export const keptView = (store, number) => {
  const view = Object(store.view.kept)[number]
  return isCamera(view) ? { x: view.x, y: view.y, zoom: view.zoom } : null
}

/** Like where one looks, it is no undo entry. @param {Store} store @param {string} number @param {Camera} camera */
export const keepView = (store, number, { x, y, zoom }) =>
  store.setView({ ...store.view, x, y, zoom, kept: { ...store.view.kept, [number]: { x, y, zoom } } })
