// The newest sweep of the open document, or the one of a picture, as a grid.

import { openGrid } from '../viewer/grid.js'
import { toast } from '../panels/toasts.js'
import { resultsOf } from '../panels/results.js'
import { artifactUrl } from '../run/api.js'
import { cellsOfRun, lackingIn } from '../run/cells.js'
import { isActive } from '../run/runs.js'
import { ownRuns } from './app.js'
import { showResults } from './results.js'
import { lackingText, makeSkipped, skipCell } from './skipping.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../run/runs.js').Run} Run */

const THUMBNAIL = 256

/** @param {Run} run */
const isSwept = ({ steps }) => [...steps.values()].some(({ coordinate }) => coordinate && Object.keys(coordinate).length > 0)

/** @param {App} app */
export const lastSweep = (app) => ownRuns(app).findLast(isSwept)

/** @param {App} app @param {Run | undefined} [run] */
export const showSweepGrid = (app, run = lastSweep(app)) => {
  if (!run) return void toast('No sweep has run yet: a right click on an input gives it several values')
  /** This run, and those that make what it has skipped. */
  const ids = [run.id]
  const runs = () => ids.flatMap((id) => app.session.runs.get(id) ?? (id === run.id ? [run] : []))
  const newest = () => runs().at(-1) ?? run
  const results = () => {
    const shown = resultsOf(runs()).filter(({ artifact }) => artifact.coordinate).reverse()
    return shown.filter(({ url }, index) => shown.findIndex((other) => other.url === url) === index) // Known to the later run, too.
  }
  const again = async () => {
    const made = await makeSkipped(newest().id)
    if (made) ids.push(made)
  }
  openGrid({
    title: `${run.title || 'Untitled'}, a picture for each value`,
    read: () => results().map(({ artifact, url }) => ({
      url, thumbnail: artifactUrl(artifact, { preview: THUMBNAIL }), node: artifact.node ?? '', coordinate: artifact.coordinate ?? {},
    })),
    places: () => [...run.steps.values()].flatMap(({ coordinate }) => (coordinate && Object.keys(coordinate).length ? [coordinate] : [])),
    notes: () => lackingIn(newest()).map((lacking) => lackingText(app, lacking)),
    states: (axes) => cellsOfRun(newest(), axes),
    works: () => newest().status === 'running',
    skip: (coordinate) => void skipCell(newest().id, coordinate),
    again: () => (isActive(newest()) ? null : () => void again()),
    titleOf: (node) => app.store.node(node)?.title || app.catalog.nodes.get(app.store.node(node)?.type ?? '')?.title || node,
    open: (cells, index, compare) => {
      const shown = cells.flatMap(({ url }) => results().find((result) => result.url === url) ?? [])
      showResults(app, shown, index, compare && index > 0 ? 0 : null)
    },
    subscribe: (changed) => app.session.subscribe((event) => (!event || ids.includes(event.run)) && changed()),
  })
}
