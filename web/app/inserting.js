// Whole templates in the search for nodes: all nodes of one, beside those that are there.

import { insertDocument } from '../document/insertion.js'
import { fetchTemplate } from '../run/api.js'
import { makeDrawn } from './annotating.js'
import { writingLate } from './late.js'
import { complain } from './opening.js'

/** @typedef {import('./app.js').App} App */

/** How the types that are templates begin. */
export const TEMPLATE = 'template:'

/** Inserts what is no node; says whether it did. @param {App} app @param {string} type @param {readonly [number, number]} at @param {<R>(write: () => R) => R | undefined} [answer] of when it was asked for */
export const insertTemplate = async (app, type, at, answer = writingLate(app.store, 'The template was not inserted')) => {
  const { store, selection } = app
  if (makeDrawn(app, type, at)) return true
  if (!type.startsWith(TEMPLATE)) return false
  try {
    const template = await fetchTemplate(type.slice(TEMPLATE.length))
    const { current } = store
    answer(() => {
      const isShown = store.current === current
      const nodes = insertDocument(store, `Insert ${template.title ?? 'template'}`, template, at)
      if (isShown) selection.set({ nodes })
    })
  } catch (error) {
    complain('The template was not inserted', error)
  }
  return true
}
