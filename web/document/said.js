// Any literal in words: what is listed, compared, looked for and told.

import { curveWords, isCurve } from '../kernels/curve.js'
import { isSweep } from './sweeps.js'

/** @param {unknown} value @returns {string} nothing for nothing */
export const saidValue = (value) => {
  if (isSweep(value)) return value.sweep.map(saidValue).join(value.sweep.some(isCurve) ? '; ' : ', ')
  if (isCurve(value)) return curveWords(value)
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
