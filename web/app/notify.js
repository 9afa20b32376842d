// Telling that a run has ended: by the desktop while one looks elsewhere, or by a tone; both off until one asks for them.

import { toast } from '../panels/toasts.js'
import { changeSettings, settings } from './settings.js'

/** Hertz: up where it went well, down where it did not. */
const TONES = { done: [523.25, 783.99], failed: [392, 261.63] }
const TONE_S = 0.16
const LOUDNESS = 0.12

/** Switches it on or off; the browser asks for leave the first time. */
export const switchNotifications = async () => {
  const wanted = !settings.notify
  const allowed = wanted && 'Notification' in window && (await Notification.requestPermission()) === 'granted'
  changeSettings({ notify: allowed })
  toast(allowed ? 'The desktop will tell when a run ends' : wanted ? 'This browser lets no notifications through' : 'The desktop will be quiet')
}

/** A first tone tells how it will sound. */
export const switchSound = () => {
  changeSettings({ sound: !settings.sound })
  toast(settings.sound ? 'A sound will tell when a run ends' : 'Runs end without a sound')
  playEnd(true)
}

/** @param {string} title @param {string} text */
export const notifyAway = (title, text) => {
  if (!settings.notify || !document.hidden || Notification.permission !== 'granted') return
  const shown = new Notification(title, { body: text, tag: 'tessera-run' })
  shown.onclick = () => {
    window.focus()
    shown.close()
  }
}

/** @type {AudioContext | null} */
let audio = null

/** Two soft tones after each other. @param {boolean} well */
export const playEnd = (well) => {
  if (!settings.sound) return
  audio ??= new AudioContext()
  void audio.resume()
  for (const [place, pitch] of (well ? TONES.done : TONES.failed).entries()) playTone(audio, pitch, audio.currentTime + place * TONE_S)
}

/** @param {AudioContext} context @param {number} pitch @param {number} from */
const playTone = (context, pitch, from) => {
  const tone = new OscillatorNode(context, { type: 'sine', frequency: pitch })
  const volume = new GainNode(context, { gain: 0 })
  volume.gain.setValueAtTime(0, from)
  volume.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, from + 2 * TONE_S)
  tone.connect(volume).connect(context.destination)
  tone.start(from)
  tone.stop(from + 2 * TONE_S)
}
