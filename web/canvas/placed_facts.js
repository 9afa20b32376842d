// What a placed node was made from: compared to know whether it still holds.

/** @typedef {import('../document/workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */

/**
 * @typedef {object} PlacedFacts
 * @property {readonly LinkRecord[]} linksTo
 * @property {readonly LinkRecord[]} linksFrom
 * @property {number} aspect of the picture area, 0 for none
 * @property {number} count
 * @property {number} room below the node, where it shows a picture
 */

/** Whether the record alone says where it stands and what it is like: not of what is arranged, nor of sub-graphs. @param {NodeRecord} record */
export const isSettled = ({ position, open, type }) => position !== undefined && !open && !type.startsWith('@')

/** @param {PlacedFacts} a @param {PlacedFacts} b */
export const sameFacts = (a, b) => a.linksTo === b.linksTo && a.linksFrom === b.linksFrom && a.aspect === b.aspect && a.count === b.count && a.room === b.room

/** Whether two records of a node have one layout. @param {NodeRecord} a @param {NodeRecord} b */
export const drawsAlike = (a, b) => a.type === b.type && a.size === b.size && a.collapsed === b.collapsed && a.compact === b.compact && a.open === b.open && a.inputs === b.inputs
