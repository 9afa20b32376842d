// What gestures work with, and what a gesture is.

/** @typedef {import('../canvas/frame.js').Interaction} Interaction */
/** @typedef {import('../canvas/overlay_types.js').Picture} Picture */
/** @typedef {import('../canvas/scene.js').Scene} Scene */
/** @typedef {import('../document/catalog.js').Widget} Widget */
/** @typedef {import('../document/selection.js').Selection} Selection */
/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('../kernels/hit_test.js').Hit} Hit */
/** @typedef {import('../kernels/matching.js').Pending} Pending */

/**
 * A pointer event in all the coordinates that gestures need.
 * @typedef {object} Pointer
 * @property {[number, number]} client
 * @property {[number, number]} screen from the host's left top
 * @property {[number, number]} world
 * @property {boolean} shift
 * @property {boolean} ctrl Ctrl, or Command on a Mac
 * @property {boolean} alt
 * @property {boolean} touch
 */

/**
 * One gesture under way. It ends with `up` or `cancel`; `cancel` leaves nothing behind.
 * @typedef {object} Tool
 * @property {string} name
 * @property {(pointer: Pointer) => void} move
 * @property {(pointer: Pointer) => void} up
 * @property {() => void} cancel
 * @property {string} [cursor]
 * @property {boolean} [pansAtEdge]
 * @property {boolean} [isEndless] goes on beyond the edge of the screen
 * @property {(event: KeyboardEvent) => boolean} [key] pressed meanwhile; true: it meant something
 * @property {boolean} [awaitsTap] begun by a tap of a finger, ended by the next one
 */

/**
 * The shell's side of the canvas; every one may be missing.
 * @typedef {object} Services
 * @property {(request: SearchRequest) => Promise<SearchChoice | null>} [openSearch]
 * @property {(files: File[], widget: Widget) => Promise<{name: string} | null>} [upload]
 * @property {(folder: string, name: string) => string | null} [inputPictureUrl] address of a picture that a file widget names
 * @property {(request: {client: [number, number], world: [number, number], target: MenuTarget}) => void} [openMenu]
 * @property {(node: string, input: string, client: [number, number]) => void} [editSweep]
 * @property {(node: string, input: string) => import('../widgets/prompt_help.js').PromptServices | null} [prompt] null: that text is no prompt
 * @property {(node: string, input: string) => void} [editLarge] a text over the canvas
 * @property {(node: string, input: string, client: [number, number]) => void} [editSize] width and height as one
 * @property {(node: string, input: string, client: [number, number]) => void} [editCurve]
 * @property {(node: string, input: string) => void} [useLast] what the input had in the last run
 * @property {(widget: Widget) => import('../widgets/choice_rows.js').ChoiceDetails | null} [choiceDetails] null: its choices are only words
 * @property {(node: string) => void} [runTo]
 * @property {(pictures: readonly Picture[], index: number) => void} [openPicture]
 * @property {(node: string, output: string, client: [number, number]) => void} [openPeek]
 * @property {(url: string) => void} [pictureFailed] it did not come
 * @property {(run: string) => void} [takeValues] the values that made a picture come back
 * @property {(files: File[], place: {world: [number, number], node: string | null}) => void} [dropFiles]
 * @property {(address: string, place: {world: [number, number], node: string | null}) => void} [dropAddress]
 * @property {(text: string) => void} [notify]
 */

/** @typedef {{client: [number, number], world: [number, number], pending?: Pending}} SearchRequest */
/** @typedef {{type: string, inputs?: Record<string, unknown>}} SearchChoice */
/** picture: its place on the node, null for the one that is shown large. @typedef {{kind: 'node', id: string, picture?: number | null} | {kind: 'link', id: string} | {kind: 'annotation', id: string} | {kind: 'widget', node: string, input: string} | {kind: 'canvas'}} MenuTarget */

/**
 * @typedef {object} Bench
 * @property {Store} store
 * @property {Selection} selection
 * @property {Scene} scene
 * @property {Interaction} interaction
 * @property {Services} services
 * @property {HTMLElement} host
 * @property {() => Camera} camera
 * @property {(camera: Camera) => void} setCamera
 * @property {(camera: Camera) => void} flyTo the same on a short flight
 * @property {(layer?: 'graph' | 'overlay') => void} invalidate
 * @property {(world: readonly [number, number], touch?: boolean) => Hit} hit
 * @property {(tool: Tool) => void} enter replaces the gesture under way
 * @property {(node: string, input: string) => boolean} editWidget
 * @property {(node: string) => void} editTitle
 */

export {}
