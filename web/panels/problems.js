// Everything that stands in the way of a run, each with the way to it and the fixes that the server offers.

import { element, redrawList } from './element.js'
import { icon } from './icons.js'
import { togglePopover } from './popover.js'

/** @typedef {import('../document/catalog.js').Fix} Fix */
/** @typedef {import('../document/catalog.js').Problem} Problem */
/** @typedef {{show: (node: string) => void, fix: (fix: Fix) => void, titleOf: (node: string) => string, typeOf: (node: string) => string}} ProblemActions */

/**
 * The message without the type of the node, whose name stands above it; the input is said again only where the sentence needs it.
 * @param {Problem} problem @param {string} type of its node
 */
export const saidBelow = ({ node, input, message }, type) => {
  const whose = node && type && message.startsWith(type) ? message.slice(type.length) : null
  const told = whose?.startsWith(': ') ? whose.slice(2) : whose?.startsWith(`.${input}: `) ? whose.slice(`.${input}: `.length) : null
  if (told === null) return whose?.startsWith(`.${input} `) ? whose.slice(1) : raised(message)
  return raised(told)
}

/** @param {string} text */
const raised = (text) => text.charAt(0).toUpperCase() + text.slice(1)

/** @param {Problem} problem @param {ProblemActions} actions */
const row = (problem, actions) => {
  const { node } = problem
  const buttons = (problem.fixes ?? []).map((fix) =>
    element('button', { class: 'fix', onclick: () => actions.fix(fix) }, fix.label))
  return element('li', { class: `problem problem-${problem.severity ?? 'error'}`, 'data-code': problem.code },
    icon('warning'),
    element('div', { class: 'problem-text' },
      node ? element('button', { class: 'link problem-node', onclick: () => actions.show(node), title: 'Show the node' },
        [actions.titleOf(node), problem.input].filter(Boolean).join(' · ')) : null,
      element('p', {}, saidBelow(problem, node ? actions.typeOf(node) : '')),
      problem.remedy ? element('p', { class: 'remedy' }, problem.remedy) : null,
      buttons.length ? element('p', { class: 'fixes' }, ...buttons) : null,
      problem.details ? element('details', {}, element('summary', {}, 'Details'), element('pre', {}, problem.details)) : null))
}

/** @param {ProblemActions} actions */
export const createProblemsPanel = (actions) => {
  const list = element('ul', { class: 'problem-list' })
  /** @param {readonly Problem[]} problems */
  const update = (problems) =>
    redrawList(list, problems.map((problem) => [problem, problem.node && actions.titleOf(problem.node)]), () =>
      problems.length ? problems.map((problem) => row(problem, actions))
        : [element('li', { class: 'empty' }, 'No problems. Ready to run.')])

  /** @param {HTMLElement} anchor */
  const toggle = (anchor) =>
    togglePopover({ anchor, label: 'Problems', class: 'problems', sticky: true, content: [element('h2', {}, 'Problems'), list] })

  return { update, toggle, isOpen: () => list.isConnected }
}
