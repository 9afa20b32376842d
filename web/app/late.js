// What a person chooses or a server says after a while: written where it was asked for, and told where that is gone.

import { answering } from '../document/answering.js'
import { complain } from './opening.js'

/** To be called when something is asked for. @param {import('../document/store.js').Store} store @param {string} otherwise what is told where it cannot be written @returns {<R>(write: () => R) => R | undefined} */
export const writingLate = (store, otherwise) => {
  const answer = answering(store)
  return (write) => {
    try {
      return answer(write)
    } catch (error) {
      complain(otherwise, error)
      return undefined
    }
  }
}
