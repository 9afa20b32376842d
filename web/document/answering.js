// What comes after a while, from a server or a person, is written where it was asked for: in that document and graph,
// whatever is shown by then. Ids alone say nothing: two documents made from one template have the same.

/** @typedef {import('./store.js').Store} Store */
/** @typedef {<R>(write: () => R) => R} Answer throws where its place is gone, and then nothing is written */

/** To be called when something is asked for. @param {Store} store @returns {Answer} */
export const answering = (store) => {
  const { identity, current } = store
  return (write) => {
    if (store.identity !== identity) throw new Error('its workflow is no longer the open one')
    if (current && !store.subgraph(current)) throw new Error('its sub-graph is gone')
    return store.within(current, write)
  }
}

/** What takes the last edit back, unless others came since: then it would take back those. @param {Store} store @returns {() => boolean} whether it did */
export const takingBack = (store) => {
  const { mark } = store
  return () => store.mark === mark && store.undo()
}
