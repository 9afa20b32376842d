// The sheet of the keys over the table of commands: what it shows, and what a new key changes.

import { openShortcuts } from '../panels/shortcut_sheet.js'
import { askForFile, downloadText } from './documents.js'
import { takeKeyFile, writeKeyFile } from './key_file.js'
import { holderOf, isFixed, keepKeys, withKeys } from './keymap.js'
import { settings } from './settings.js'
import { describe, shortcutOf } from './shortcuts.js'

/** @typedef {import('./commands.js').Command} Command */

/** What hands do on the canvas itself, and keys that belong to the browser's own events. @returns {readonly (readonly [string, string])[]} */
const gestures = () => [
  ['Double-click or Space', 'Add a node'], ['Drag a wire into the open', 'Add a node that fits'],
  ['Drag a wire end off', 'Disconnect or move it'], ['Alt+Click on a wire', 'Delete it'],
  ['Double-click a wire', 'Lead it through a point'], ['Ctrl+Drag from an output', 'Move all its wires'],
  ['Right drag with Ctrl, Shift or Alt', 'Cut wires, put points into them, connect two nodes'], ['Shake a node', 'Pull it out of its wires'],
  ['Drop a node on a wire', 'Put it in; Ctrl leaves the wire alone'],
  ['Drag over the canvas', 'To the right, select what the box encloses; to the left, what it touches'],
  ['Click a portal\'s tag', 'Go to its other end'], ['Press the button above a node', 'Run up to there'],
  ['Drag a frame by its title', 'Move it with all it holds; with Ctrl, alone'],
  ['F while nodes are dragged', 'Lift them out of their frame, and into another'],
  ['Double-click a note or title', 'Write it'], ['Point at a node\'s badge', 'Why it will run'],
  ['Space+Drag or Middle drag', 'Move around'], ['Wheel or Pinch', 'Zoom'],
  ['Drop a file', 'Open its workflow, or use it as input'],
  [describe('Mod+C'), 'Copy'], [describe('Mod+X'), 'Cut'], [describe('Mod+V'), 'Paste nodes, a picture or a workflow'], [describe('Mod+Shift+V'), 'Paste nodes with what feeds them'],
]

/** @param {readonly Command[]} commands */
export const showKeys = (commands) => openShortcuts({
  read: () => [...new Set(commands.map(({ group }) => group))].map((heading) => ({
    heading, rows: commands.filter(({ group }) => group === heading)
      .map((command) => ({ id: command.id, label: command.label, keys: command.keys, fixed: isFixed(command), isChanged: command.id in settings.keys })),
  })),
  describe: (key) => describe(key),
  pressed: (event) => shortcutOf(event, { byPlace: settings.keysByPlace }),
  holder: (key, id) => {
    const holder = holderOf(commands, key)
    if (holder === 'browser') return { label: '', free: false }
    return holder && holder.id !== id ? { label: holder.label, free: !isFixed(holder) } : null
  },
  set: (id, keys) => keepKeys(commands, withKeys(commands, id, keys)),
  save: () => `Saved ${downloadText(writeKeyFile(settings.keys), 'tessera-keys.json')}`,
  load: async () => {
    const file = await askForFile('.json')
    return file && takeKeyFile(commands, settings.keys, file).catch((error) => ({ said: `${file.name} was not taken: ${error.message}` }))
  },
  reset: (id) => keepKeys(commands, id ? resetOne(commands, id) : {}),
}, { heading: 'Canvas', rows: gestures() })

/** Its keys come back from whoever has them now. @param {readonly Command[]} commands @param {string} id */
const resetOne = (commands, id) => withKeys(commands, id, commands.find((command) => command.id === id)?.defaults ?? [])
