// Says that nodes came in with names that their packs have given up.

import { toast } from '../panels/toasts.js'

/** @param {number} count nodes */
export const tellRenamed = (count) => {
  if (count === 1) toast('A node had a former name and got that of today; a file changes when you save it')
  else if (count) toast(`${count} nodes had former names and got those of today; a file changes when you save it`)
}
