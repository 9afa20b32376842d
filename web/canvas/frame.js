// Everything that one drawing of the canvas reads.

/** @typedef {import('../kernels/hit_test.js').Hit} Hit */
/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('../kernels/matching.js').Pending} Pending */
/** @typedef {import('../kernels/snapping.js').Guide} Guide */

/**
 * A wire in the hand.
 * @typedef {object} DraggedWire
 * @property {Pending} pending
 * @property {[number, number]} anchor the socket it hangs on
 * @property {[number, number]} tip the pointer, or the socket that attracts it
 * @property {{node: string, socket: string} | null} target where it would connect
 * @property {ReadonlySet<string>} compatible nodes that could take it
 * @property {(socket: import('../kernels/layout.js').SocketLayout) => boolean} fits
 * @property {string | null} liftedLink the link picked up, not drawn meanwhile
 */

/**
 * What the hand is doing: changed by tools, drawn by the canvas.
 * @typedef {object} Interaction
 * @property {Hit} hover
 * @property {Hit | null} rested the same, once the pointer rests there
 * @property {DraggedWire | null} wire
 * @property {{rect: Rect, touching: boolean} | null} marquee touching: it selects what it touches, else what it encloses
 * @property {readonly Guide[]} guides
 * @property {ReadonlyMap<string, Rect> | null} joined frames that close behind dragged nodes, or open for them, as they will lie
 * @property {{node: string, input: string} | null} editing the field that a text editor covers; a frame or note stands as `node`
 * @property {Map<string, {url: string, newest: string}>} activePicture which of several pictures a node shows, until there is a newer one
 * @property {{node: string, link: string, sockets: import('../kernels/insertion.js').Sockets} | null} insertion the link that a dragged node would be put into
 * @property {ShownPath | null} path the way of the value on a wire
 * @property {{kind: 'cut' | 'reroute' | 'connect', from: [number, number], to: [number, number]} | null} slash a line drawn with the right button
 * @property {ReadonlySet<string> | null} marked nodes a marquee is about to select
 */

/** @typedef {import('../kernels/value_path.js').ValuePath & {start: string, words: string}} ShownPath start: the wire that it was asked of */

/** @returns {Interaction} */
export const idleInteraction = () => ({
  hover: { kind: 'canvas' }, rested: null, wire: null, marquee: null, guides: [], joined: null, editing: null, activePicture: new Map(), insertion: null, path: null, slash: null, marked: null,
})

/**
 * @typedef {object} Frame
 * @property {import('./scene.js').Scene} scene
 * @property {import('../kernels/geometry.js').Camera} camera
 * @property {number} width CSS pixels
 * @property {number} height
 * @property {Rect} view the world rectangle on screen
 * @property {ReadonlySet<string>} selectedNodes
 * @property {ReadonlySet<string>} selectedLinks
 * @property {ReadonlySet<string>} selectedAnnotations frames and notes
 * @property {Interaction} interaction
 * @property {import('./pictures.js').PictureCache} pictures
 * @property {number} now performance.now()
 */

export {}
