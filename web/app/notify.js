// Telling the desktop that a run has ended while one looks elsewhere; off until one asks for it.

import { toast } from '../panels/toasts.js'
import { changeSettings, settings } from './settings.js'

/** Switches it on or off; the browser asks for leave the first time. */
export const switchNotifications = async () => {
  const wanted = !settings.notify
  const allowed = wanted && 'Notification' in window && (await Notification.requestPermission()) === 'granted'
  changeSettings({ notify: allowed })
  toast(allowed ? 'The desktop will tell when a run ends' : wanted ? 'This browser lets no notifications through' : 'The desktop will be quiet')
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
