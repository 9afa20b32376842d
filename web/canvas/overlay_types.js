// What a run, or the live plan, has to say about each node: drawn over the document, never part of it.

/** @typedef {import('../document/catalog.js').Problem} Problem */

/** By node and output. @typedef {Readonly<Record<string, Readonly<Record<string, import('./facts.js').Facts>>>>} OutputFacts */

/** @typedef {{url: string, width: number, height: number, thumbnail?: string, run?: string, past?: boolean}} Picture run: that showed it; past: before the last one */

/**
 * @typedef {object} NodeRun
 * @property {'cached' | 'will_run' | 'blocked'} [plan] the live plan, before Run is pressed
 * @property {'waiting' | 'cached' | 'running' | 'done' | 'failed' | 'cancelled' | 'skipped'} [run] the latest run that named the node
 * @property {string} [because] of one that is skipped: the step that it needs
 * @property {string} [reason] why the live plan expects that, in words
 * @property {number} [lastSeconds] what it took when it last ran
 * @property {number} [bytes] what its outputs hold
 * @property {{host?: number, device?: number}} [memory] the most that the program held while it last ran
 * @property {{where: 'memory' | 'disk', age: number, bytes: number, seconds: number}} [kept] where the result lies, of one that is known
 * @property {boolean} [mapped] it is called for each item of lists
 * @property {{done: number, total: number, rate?: number}} [progress] rate: a second
 * @property {number} [seconds]
 * @property {number} [startedAt] performance.now() when it began
 * @property {ImageBitmap | HTMLImageElement | HTMLCanvasElement} [preview] the newest live preview
 * @property {readonly Picture[]} [pictures] of the last run that showed any, then of runs before
 * @property {string} [text]
 */

/**
 * @typedef {object} RunOverlay
 * @property {ReadonlyMap<string, NodeRun>} nodes
 * @property {readonly Problem[]} problems
 * @property {OutputFacts} [facts]
 * @property {import('./heat.js').HeatKind} [heat] what is told over all nodes
 * @property {Readonly<Record<string, string | null>>} [slots] the viewer's places and the nodes that they show
 * @property {ReadonlySet<string> | null} [solo] the only nodes that take part
 * @property {(node: string, input: string) => unknown} [used] what a seed was when its node last ran
 * @property {(node: string, output: string) => import('./look_words.js').Seen | null} [seen] what lies on an output since a run
 */

/** @returns {RunOverlay} */
export const emptyOverlay = () => ({ nodes: new Map(), problems: [] })
