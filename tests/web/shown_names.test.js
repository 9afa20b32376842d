// Names of files and sockets as the canvas shows them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { displayName } from '../../web/canvas/text.js'
import { shorterName } from '../../web/widgets/file.js'

test('a file\'s name loses its ending first, then its folders, and else nothing that tells it from others', () => {
  const shown = (name, room) => shorterName(name, (text) => text.length <= room)
  const name = 'sd15/lines/control_v11p_sd15_canny_fp16.safetensors'
  assert.deepEqual([51, 50, 39, 38].map((room) => shown(name, room)),
    [name, 'sd15/lines/control_v11p_sd15_canny_fp16', 'sd15/lines/control_v11p_sd15_canny_fp16', '…/control_v11p_sd15_canny_fp16'])
  assert.deepEqual([shown('example.png', 5), shown('v1-5-pruned.ckpt', 12), shown('Choose …', 3)], ['example.png', 'v1-5-pruned', 'Choose …'])
})

test('sockets are named in small letters, abbreviations but not words in capitals', () => {
  assert.deepEqual(['latent_image', 'CONDITIONING', 'MASK', 'VAE', 'CLIP', 'clip_vision'].map(displayName), ['latent image', 'conditioning', 'mask', 'VAE', 'CLIP', 'clip vision'])
})
