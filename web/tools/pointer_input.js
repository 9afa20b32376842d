// Browser events into gestures: coordinates, buttons, fingers, keys, and cancelling.

import { panned, toWorld, zoomedAt } from '../kernels/geometry.js'
import { createWheelReader } from '../kernels/wheel_intent.js'
import { EdgePan } from './edge_pan.js'
import { EndlessPointer } from './endless_pointer.js'
import { FingerTap } from './finger_tap.js'
import { HoverPath } from './hover_path.js'
import { HoverRest } from './hover_rest.js'
import { doubleClick, enterPress, hoverAt } from './idle.js'
import { openMenuAt } from './menu.js'
import { enterPan } from './pan.js'
import { enterPinch } from './pinch.js'
import { enterSlash, slashOf } from './slash.js'

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Pointer} Pointer */
/** @typedef {import('./bench.js').Tool} Tool */

const LONG_PRESS_MS = 520
const RIGHT_BUTTON = 2
const MIDDLE_BUTTON = 1

export class PointerInput {
  #bench
  #readWheel = createWheelReader()
  /** @type {Tool | null} */
  #tool = null
  /** @type {Map<number, [number, number]>} */
  #touches = new Map()
  /** @type {ReturnType<typeof enterPinch> | null} */
  #pinch = null
  /** @type {Pointer | null} */
  #last = null
  #spaceHeld = false
  #longPress = 0
  #skipMenu = false
  #path
  #rest
  #tap
  #edge
  #endless

  /** @param {Bench} bench */
  constructor(bench) {
    this.#bench = bench
    this.#path = new HoverPath(bench)
    this.#rest = new HoverRest(bench)
    this.#tap = new FingerTap(bench)
    this.#edge = new EdgePan(bench, () => ({ tool: this.#tool, at: this.#last }))
    const { host } = bench
    this.#endless = new EndlessPointer(host, () => this.cancel())
    host.addEventListener('pointerdown', (event) => this.#down(event))
    host.addEventListener('pointermove', (event) => this.#move(event))
    host.addEventListener('pointerup', (event) => this.#up(event))
    host.addEventListener('pointercancel', (event) => this.#lost(event))
    host.addEventListener('pointerleave', () => this.#leave())
    host.addEventListener('dblclick', (event) => this.#doubleClick(event))
    host.addEventListener('wheel', (event) => this.#wheel(event), { passive: false })
    host.addEventListener('contextmenu', (event) => this.#contextMenu(event))
    host.addEventListener('dragover', (event) => event.preventDefault())
    host.addEventListener('drop', (event) => this.#drop(event))
    window.addEventListener('keydown', (event) => this.#key(event, true), { capture: true })
    window.addEventListener('keyup', (event) => this.#key(event, false), { capture: true })
    window.addEventListener('blur', () => { this.#spaceHeld = false })
  }

  /** Where the pointer was last seen, in the world. */
  get world() {
    return this.#last ? toWorld(this.#bench.camera(), this.#last.screen) : null
  }

  /** @param {Tool} tool */
  enter(tool) {
    this.#tool = tool
    this.#cursor(tool.cursor ?? 'default')
  }

  /** @returns {boolean} whether there was a gesture to cancel */
  cancel() {
    const tool = this.#tool
    this.#end()
    tool?.cancel()
    return tool !== null && tool.name !== 'press'
  }

  /** @param {MouseEvent & {pointerType?: string}} event @returns {Pointer} */
  #pointer(event) {
    const origin = this.#bench.host.getBoundingClientRect()
    const client = this.#endless.place(event)
    /** @type {[number, number]} */
    const screen = [client[0] - origin.x, client[1] - origin.y]
    return {
      client, screen, world: toWorld(this.#bench.camera(), screen),
      shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey, alt: event.altKey, touch: event.pointerType === 'touch',
    }
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (isEditorOf(event)) return
    const pointer = this.#pointer(event)
    this.#last = pointer
    this.#path.forget()
    this.#rest.forget()
    this.#bench.host.focus({ preventScroll: true })
    if (event.pointerType === 'touch' && this.#fingerDown(event, pointer)) return
    if (this.#tool?.awaitsTap) return this.#tap.down(pointer)
    if (this.#tool) return void this.cancel() // Another button while one is held means: not that.
    const slash = event.button === RIGHT_BUTTON ? slashOf(pointer) : null
    if (slash) return this.#slash(event, pointer, slash)
    if (event.button === RIGHT_BUTTON) return
    this.#bench.host.setPointerCapture(event.pointerId)
    const pans = event.button === MIDDLE_BUTTON || this.#spaceHeld
    if (pans) event.preventDefault()
    this.enter(pans ? enterPan(this.#bench, pointer) : enterPress(this.#bench, pointer))
    if (pointer.touch) this.#longPress = window.setTimeout(() => this.#openMenu(pointer), LONG_PRESS_MS)
  }

  /** @param {PointerEvent} event @param {Pointer} pointer @param {import('./slash.js').Slash} kind */
  #slash(event, pointer, kind) {
    this.#bench.host.setPointerCapture(event.pointerId)
    this.#skipMenu = true
    this.enter(enterSlash(this.#bench, pointer, kind))
  }

  /** @param {PointerEvent} event @param {Pointer} pointer @returns {boolean} whether it is the second finger */
  #fingerDown(event, pointer) {
    this.#touches.set(event.pointerId, pointer.screen)
    const [a, b] = [...this.#touches.values()]
    if (!a || !b) return false
    if (!this.#tool?.awaitsTap) this.cancel()
    this.#tap.forget()
    this.#pinch = enterPinch(this.#bench, a, b)
    return true
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const pointer = this.#pointer(event)
    this.#last = pointer
    if (this.#touches.has(event.pointerId)) this.#touches.set(event.pointerId, pointer.screen)
    if (this.#pinch) {
      const [a, b] = [...this.#touches.values()]
      if (a && b) this.#pinch.move(a, b)
      return
    }
    if (this.#tool?.awaitsTap) return this.#tap.move(pointer)
    if (this.#tool && this.#tool.name !== 'slash' && event.buttons & 2 && event.pointerType === 'mouse') {
      this.#skipMenu = true
      return void this.cancel()
    }
    if (!this.#tool) return this.#cursor(this.#spaceHeld ? 'grab' : isEditorOf(event) ? '' : this.#hover(pointer))
    this.#tool.move(pointer)
    if (this.#tool?.isEndless) this.#endless.reach(event)
    if (this.#tool?.name !== 'press') clearTimeout(this.#longPress)
    this.#edge.watch()
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.#touches.delete(event.pointerId)
    if (this.#pinch) {
      if (this.#touches.size < 2) this.#pinch = null
      return
    }
    if (this.#tool?.awaitsTap) return this.#endTap(this.#pointer(event))
    const tool = this.#tool
    if (!tool || (event.button === RIGHT_BUTTON) !== (tool.name === 'slash')) return
    const pointer = this.#pointer(event)
    this.#end()
    tool.up(pointer)
    if (!pointer.touch) this.#cursor(this.#hover(pointer))
  }

  /** @param {Pointer} pointer @returns {string} the cursor */
  #hover(pointer) {
    const cursor = hoverAt(this.#bench, pointer)
    this.#path.follow()
    this.#rest.follow()
    return cursor
  }

  /** @param {Pointer} pointer */
  #endTap(pointer) {
    const tool = this.#tool
    if (!this.#tap.up() || !tool) return
    this.#end()
    tool.move(pointer)
    tool.up(pointer)
  }

  /** @param {PointerEvent} event */
  #lost(event) {
    this.#touches.delete(event.pointerId)
    this.#pinch = null
    this.cancel()
  }

  #leave() {
    this.#path.forget()
    this.#rest.forget()
    if (this.#tool || this.#bench.interaction.hover.kind === 'canvas') return
    this.#bench.interaction.hover = { kind: 'canvas' }
    this.#bench.invalidate()
  }

  #end() {
    this.#tool = null
    this.#endless.release()
    clearTimeout(this.#longPress)
    this.#edge.stop()
    this.#cursor('default')
  }

  /** @param {MouseEvent} event */
  #doubleClick(event) {
    if (isEditorOf(event) || event.button !== 0) return
    doubleClick(this.#bench, this.#pointer(event))
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (isEditorOf(event) && /** @type {HTMLElement} */ (event.target).scrollHeight > /** @type {HTMLElement} */ (event.target).clientHeight + 2) return
    event.preventDefault()
    const camera = this.#bench.camera()
    const { screen } = this.#pointer(event)
    const intent = this.#readWheel({
      deltaX: event.deltaX, deltaY: event.deltaY, deltaMode: event.deltaMode, ctrlKey: event.ctrlKey, metaKey: event.metaKey,
      shiftKey: event.shiftKey, time: event.timeStamp,
    })
    this.#bench.setCamera(intent.kind === 'pan' ? panned(camera, intent.dx, intent.dy) : zoomedAt(camera, screen, camera.zoom * intent.factor))
    const tool = this.#tool
    if (tool && this.#last) tool.move({ ...this.#last, world: toWorld(this.#bench.camera(), this.#last.screen) })
  }

  /** @param {MouseEvent} event */
  #contextMenu(event) {
    if (isEditorOf(event)) return
    event.preventDefault()
    if (this.#skipMenu) {
      this.#skipMenu = false
      return
    }
    if (this.#tool && this.#tool.name !== 'press') return void this.cancel()
    this.#openMenu(this.#pointer(event))
  }

  /** @param {Pointer} pointer */
  #openMenu(pointer) {
    this.cancel()
    openMenuAt(this.#bench, pointer)
  }

  /** @param {DragEvent} event */
  #drop(event) {
    this.#last = this.#pointer(event)
    const files = [...(event.dataTransfer?.files ?? [])]
    const [address] = (event.dataTransfer?.getData('text/uri-list') ?? '').split(/\s/)
    if (!files.length && !address) return // Text is taken where a paste is.
    event.preventDefault()
    const { world } = this.#last
    const hit = this.#bench.hit(world)
    const place = { world, node: 'node' in hit ? hit.node : null }
    if (files.length) this.#bench.services.dropFiles?.(files, place)
    else if (address) this.#bench.services.dropAddress?.(address, place)
  }

  /** Space pans while it is held; Escape ends a gesture. @param {KeyboardEvent} event @param {boolean} isDown */
  #key(event, isDown) {
    if (event.key === 'Escape' && isDown && this.#tool) {
      event.preventDefault()
      event.stopPropagation()
      this.cancel()
    }
    if (isDown && this.#keyOfTool(event)) {
      event.preventDefault()
      event.stopPropagation()
      return
    }
    if (event.code !== 'Space' || isTyping(event)) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    this.#spaceHeld = isDown
    if (document.activeElement === this.#bench.host) event.preventDefault()
    if (!this.#tool) this.#cursor(isDown ? 'grab' : 'default')
  }

  /** What the hand holds has all keys: a command would change what the gesture goes by. @param {KeyboardEvent} event @returns {boolean} whether nobody else hears it */
  #keyOfTool(event) {
    const tool = this.#tool
    if (!tool || tool.name === 'press' || isTyping(event)) return false
    if (tool.key?.(event)) {
      if (this.#last) tool.move(this.#last)
    } else if (isUndo(event)) this.cancel()
    return !/^(Control|Shift|Alt|Meta)$/.test(event.key)
  }

  /** @param {string} cursor */
  #cursor(cursor) {
    if (this.#bench.host.style.cursor !== cursor) this.#bench.host.style.cursor = cursor
  }
}

/** @param {Event} event */
const isEditorOf = ({ target }) => target instanceof HTMLElement && target.classList.contains('field-editor')

/** @param {Event} event */
const isTyping = ({ target }) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT|BUTTON)$/.test(target.tagName))

/** @param {KeyboardEvent} event */
const isUndo = ({ code, ctrlKey, metaKey }) => code === 'KeyZ' && (ctrlKey || metaKey)
