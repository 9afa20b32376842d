// The button of a message that takes back what the message tells of.

import { takingBack } from '../document/answering.js'
import { toast } from '../panels/toasts.js'

/** To be made right after the edit. @param {import('../document/store.js').Store} store @returns {import('../panels/toasts.js').ToastAction} */
export const undoButton = (store) => {
  const takeBack = takingBack(store)
  return { label: 'Undo', run: () => takeBack() || void toast('Other edits came since: undo those first') }
}
