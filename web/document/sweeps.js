// Sweeps (docs/format.md): an object in the place of a literal stands for several values along an axis.

import { evaluate } from '../kernels/arithmetic.js'
import { curveWords, isCurve } from '../kernels/curve.js'
import { fitted } from '../kernels/fitting.js'
import { conformed, isWhole, numberText } from '../kernels/numbers.js'

/** @typedef {import('./catalog.js').Widget} Widget */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{sweep: unknown[], axis?: string}} Sweep */
/** @typedef {{name: string, count: number, of: {node: string, input: string}[]}} SweptAxis */

/** Numbers that `1..9` may stand for. */
const LONGEST_RANGE = 200

/** @param {unknown} value @returns {value is Sweep} */
export const isSweep = (value) =>
  typeof value === 'object' && value !== null && 'sweep' in value && Array.isArray(value.sweep)

/** A value as the chip and the panel show it. @param {Widget} widget @param {unknown} value */
const shown = (widget, value) => {
  if (typeof value === 'number') return numberText(widget, value)
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return value === null || value === '' ? '–' : (isCurve(value) ? curveWords(value) : String(value)).replaceAll(/\s+/g, ' ')
}

/** `4, 6, 8 · cfg` @param {Widget} widget @param {Sweep} sweep */
export const chipText = (widget, { sweep, axis }) => {
  const values = sweep.map((value) => shown(widget, value)).join(widget.kind === 'curve' ? '; ' : ', ')
  return axis ? `${values} · ${axis}` : values
}

/** Values as they are typed: numbers in a row, texts and curves line by line. @param {Widget} widget @param {readonly unknown[]} values */
export const typedText = (widget, values) =>
  widget.kind === 'curve' ? values.map((value) => shown(widget, value)).join('\n') : widget.kind === 'text' ? values.map(String).join('\n') : values.map((value) => shown(widget, value)).join(', ')

/**
 * The values that a text stands for, or null where it holds none or something else: numbers between commas, spaces or
 * lines, `1..9` and `1..9:2` for a range; texts and curves line by line.
 * @param {Widget} widget @param {string} text @returns {unknown[] | null}
 */
export const readValues = (widget, text) => {
  if (widget.kind === 'text') {
    const lines = text.split('\n').map((line) => line.trim())
    while (lines.length > 1 && lines.at(-1) === '') lines.pop()
    return lines
  }
  if (widget.kind === 'curve') {
    const curves = text.split('\n').filter((line) => line.trim()).map((line) => fitted(widget, line))
    return curves.length && curves.every((curve) => curve !== undefined) ? curves : null
  }
  /** @type {number[]} */
  const values = []
  for (const part of text.split(/[,;\s]+/).filter(Boolean)) {
    const some = part.includes('..') ? range(part) : [evaluate(part)]
    for (const value of some ?? [null]) {
      if (value === null) return null
      values.push(conformed(widget, isWhole(widget) ? Math.round(value) : value))
    }
  }
  return values.length ? values : null
}

/** @param {string} text @returns {number[] | null} */
const range = (text) => {
  const [span = '', by = '1'] = text.split(':')
  const [from, to] = span.split('..').map((end) => evaluate(end))
  const step = evaluate(by)
  if (from === undefined || from === null || to === undefined || to === null || !step || step < 0) return null
  const count = Math.floor(Math.abs(to - from) / step + 1e-9) + 1
  if (count > LONGEST_RANGE) return null
  return Array.from({ length: count }, (_, place) => from + place * step * (to < from ? -1 : 1))
}

/**
 * The axes of a document, in its order. A sweep without a name lies along one that is called as its input.
 * @param {Iterable<NodeRecord>} nodes @returns {SweptAxis[]}
 */
export const axesOf = (nodes) => {
  /** @type {Map<string, SweptAxis>} */
  const axes = new Map()
  for (const { id, inputs } of nodes) {
    for (const [input, value] of Object.entries(inputs ?? {})) {
      if (!isSweep(value)) continue
      const name = value.axis || input
      const axis = axes.get(name) ?? { name, count: value.sweep.length, of: [] }
      axes.set(name, { ...axis, of: [...axis.of, { node: id, input }] })
    }
  }
  return [...axes.values()]
}

/** Inputs whose names say less than their node's. */
const PLAIN_NAMES = new Set(['text', 'value'])

/** A name for a new axis that no other input lies along. @param {Iterable<NodeRecord>} nodes @param {string} node @param {string} input */
export const freeAxis = (nodes, node, input) => {
  const name = PLAIN_NAMES.has(input) ? node : input
  return axesOf(nodes).some((axis) => axis.name === name) ? `${node}.${input}` : name
}

/** What a literal becomes when it is swept first. @param {Widget} widget @param {unknown} value @returns {unknown[]} */
export const firstValues = (widget, value) => (widget.kind === 'toggle' ? [false, true] : [value])

/**
 * What running a sweep will mean, in words.
 * @param {readonly SweptAxis[]} axes those of all other inputs
 * @param {{axis: string, count: number}} own
 */
export const describeSweep = (axes, { axis, count }) => {
  const same = axes.find(({ name }) => name === axis)
  if (same && same.count !== count) {
    return { text: `${same.of.map(({ node, input }) => `${node}.${input}`).join(' and ')} has ${same.count} values along ${axis}: they must be as many`, fits: false }
  }
  const others = axes.filter(({ name }) => name !== axis)
  const total = others.reduce((product, other) => product * other.count, count)
  const product = [...others.map((other) => `${other.count} ${other.name}`), `${count} ${axis}`].join(' × ')
  const along = same ? `, along with ${same.of.map(({ node, input }) => `${node}.${input}`).join(' and ')}` : ''
  if (others.length) return { text: `${product} = ${total} combinations${along}`, fits: true }
  return { text: `${count} ${count === 1 ? 'value' : 'values'}${along}`, fits: true }
}
