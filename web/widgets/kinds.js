// Which widget draws and edits which kind of value.

import { choiceWidget } from './choice.js'
import { fileWidget } from './file.js'
import { numberWidget } from './number.js'
import { seedWidget } from './seed.js'
import { textWidget } from './text.js'
import { toggleWidget } from './toggle.js'

/** @type {Record<import('../document/catalog.js').Widget['kind'], import('./field.js').WidgetKind>} */
const KINDS = {
  int: numberWidget, float: numberWidget, seed: seedWidget, text: textWidget, toggle: toggleWidget,
  choice: choiceWidget, file: fileWidget,
}

/** A kind from a newer server is at least shown and typed as text. @param {import('../document/catalog.js').Widget} widget */
export const widgetKind = (widget) => KINDS[widget.kind] ?? textWidget
