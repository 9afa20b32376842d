// Which widget draws and edits which kind of value.

import { choiceWidget } from './choice.js'
import { curveWidget } from './curve.js'
import { fileWidget } from './file.js'
import { isSweep } from '../document/sweeps.js'
import { numberWidget } from './number.js'
import { seedWidget } from './seed.js'
import { sweepWidget } from './sweep.js'
import { textWidget } from './text.js'
import { toggleWidget } from './toggle.js'

/** @type {Record<import('../document/catalog.js').Widget['kind'], import('./field.js').WidgetKind>} */
const KINDS = {
  int: numberWidget, float: numberWidget, seed: seedWidget, text: textWidget, toggle: toggleWidget,
  choice: choiceWidget, file: fileWidget, curve: curveWidget,
}

/** A kind from a newer server is at least shown and typed as text. @param {import('../document/catalog.js').Widget} widget @param {unknown} value */
export const widgetKind = (widget, value) => (isSweep(value) ? sweepWidget : KINDS[widget.kind] ?? textWidget)
