// The websocket: one life-long connection that retries, replays from its cursor and notices another log.

/** @typedef {'connecting' | 'open' | 'offline'} ConnectionState */
/** @typedef {{type: string, seq: number, time: number, run: string, [field: string]: any}} RunEvent */
/** @typedef {{type: 'StepPreview', run: string, step: string, mime: string}} PreviewHeader */
/**
 * @typedef {object} Listener
 * @property {(event: RunEvent, replayed: boolean) => void} onEvent replayed: it happened before this connection
 * @property {(header: PreviewHeader, image: Blob) => void} onPreview
 * @property {(state: ConnectionState) => void} onState
 * @property {() => void} onRestart the log begins anew: forget everything
 */

const FIRST_DELAY = 250; // ms; doubled up to the longest
const LONGEST_DELAY = 4000
const PING_EVERY = 15000
const SILENCE = 40000
const TRANSIENT = new Set(['StepProgress', 'StepPreview'])

/**
 * Split a binary frame into its JSON header and the picture behind it.
 * @param {ArrayBuffer} buffer
 * @returns {{header: PreviewHeader, image: Blob}}
 */
export const readPreview = (buffer) => {
  const length = new DataView(buffer).getUint32(0)
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
  return { header, image: new Blob([new Uint8Array(buffer, 4 + length)], { type: header.mime }) }
}

/** How long to wait before try number `attempt`, with jitter so that tabs do not come back in step. */
export const retryDelay = (/** @type {number} */ attempt, random = Math.random) =>
  Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt) * (0.75 + random() / 2)

export class Connection {
  #address
  #listener
  /** @type {WebSocket | null} */
  #socket = null
  /** @type {string | null} */
  #session = null
  #cursor = 0
  #replayUntil = 0
  #attempt = 0
  #heard = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry

  /** @param {(since: number) => string} address @param {Listener} listener */
  constructor(address, listener) {
    this.#address = address
    this.#listener = listener
  }

  get cursor() {
    return this.#cursor
  }

  start() {
    this.#open()
    setInterval(() => this.#beat(), PING_EVERY)
    addEventListener('online', () => this.retryNow())
    document.addEventListener('visibilitychange', () => document.hidden || this.retryNow())
  }

  /** Skip the wait of a pending retry. */
  retryNow() {
    if (this.#socket) return
    clearTimeout(this.#retry)
    this.#open()
  }

  #open() {
    this.#listener.onState('connecting')
    const socket = new WebSocket(this.#address(this.#cursor))
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#socket === socket && this.#receive(data)
    socket.onclose = () => this.#socket === socket && this.#lost()
  }

  #lost() {
    this.#socket = null
    this.#listener.onState('offline')
    this.#retry = setTimeout(() => this.#open(), retryDelay(this.#attempt))
    this.#attempt += 1
  }

  #beat() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return
    if (performance.now() - this.#heard > SILENCE) this.#socket.close()
    else this.#socket.send('{"type": "Ping"}')
  }

  /** @param {string | ArrayBuffer} data */
  #receive(data) {
    this.#heard = performance.now()
    if (typeof data !== 'string') {
      const { header, image } = readPreview(data)
      this.#listener.onPreview(header, image)
      return
    }
    // Durable events come several at once.
    for (const message of [JSON.parse(data)].flat()) {
      if (message.type === 'Hello') this.#greet(message)
      else if (message.type !== 'Pong') this.#take(message)
    }
  }

  /** @param {{session: string, last: number}} hello */
  #greet({ session, last }) {
    const stranger = this.#session !== null && this.#session !== session
    this.#session = session
    this.#attempt = 0
    this.#heard = performance.now()
    this.#replayUntil = last
    if (!stranger) {
      this.#listener.onState('open')
      return
    }
    this.#cursor = 0
    this.#listener.onRestart()
    this.#socket?.close()
    this.#socket = null
    this.#open()
  }

  /** @param {RunEvent} event */
  #take(event) {
    if (!TRANSIENT.has(event.type)) {
      if (event.seq <= this.#cursor) return
      this.#cursor = event.seq
    }
    this.#listener.onEvent(event, event.seq <= this.#replayUntil && !TRANSIENT.has(event.type))
  }
}
