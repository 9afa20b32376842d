import assert from 'node:assert/strict'
import { test } from 'node:test'
import uFuzzy from '@leeoniya/ufuzzy'
import { usualness } from '../../../web/kernels/usual.js'
import { rank, searchText, spokenHere } from '../../../web/panels/search_ranking.js'

const type = (id, title, search = [], category = 'image') => ({ id, title, search, category, inputs: [], outputs: [] })
const types = [
  type('KSampler', 'KSampler', ['sample', 'denoise'], 'sampling'),
  type('ImageScaleBy', 'Scale Image By', ['upscale', 'resize']),
  type('LatentUpscale', 'Upscale Latent', [], 'latent'),
  type('SaveImage', 'Save Image', ['output', 'png']),
  type('LoadImage', 'Load Image', ['open', 'upload']),
]
const find = (query, recent = []) =>
  rank(types, query, {
    fuzzy: new uFuzzy({ intraMode: 1 }), text: searchText, title: ({ title }) => title,
    synonyms: ({ id, search }) => [id, ...search], recent: ({ id }) => recent.indexOf(id),
  }).map(({ id }) => id)

test('a synonym finds the node, behind those that are called so', () => {
  assert.deepEqual(find('upscale'), ['LatentUpscale', 'ImageScaleBy'])
})

test('words in any order and a typing error find it too', () => {
  assert.equal(find('image save')[0], 'SaveImage')
  assert.equal(find('smapler')[0], 'KSampler')
})

test('nothing typed lists what was used lately first', () => {
  assert.deepEqual(find('', ['SaveImage', 'KSampler']).slice(0, 3), ['SaveImage', 'KSampler', 'ImageScaleBy'])
})

test('of equally good names the one used lately comes first', () => {
  assert.equal(find('image', ['LoadImage'])[0], 'LoadImage')
})

test('nonsense finds nothing', () => assert.deepEqual(find('qqqq'), []))

test('a title in another script is found by its words', () => {
  const chinese = [type('KSampler', 'K 采样器', ['KSampler']), type('LoadImage', '加载图像', ['Load Image']), type('SaveImage', '保存图像', ['Save Image'])]
  const search = (query) => rank(chinese, query, { fuzzy: new uFuzzy({ intraMode: 1 }), text: searchText, title: ({ title }) => title }).map(({ id }) => id)
  assert.deepEqual([search('采样'), search('图像'), search('图像 保存'), search('save'), search('照片')], [['KSampler'], ['LoadImage', 'SaveImage'], ['SaveImage'], ['SaveImage'], []])
})

test('several words within a title come before a synonym', () => {
  const encoders = [type('CLIPAttentionMultiply', 'CLIPAttentionMultiply', ['text encoder']), type('CLIPTextEncode', 'CLIP Text Encode (Prompt)')]
  assert.deepEqual(rank(encoders, 'text encode', { fuzzy: new uFuzzy({ intraMode: 1 }), text: searchText, title: ({ title }) => title, synonyms: ({ search }) => search }).map(({ id }) => id),
    ['CLIPTextEncode', 'CLIPAttentionMultiply'])
})

test('what other programs call things is said in words that find it here', () => {
  assert.deepEqual(['img2img', 'hires fix', 'Highres fix', 'load png', 'txt2img lora', 'ksampler'].map(spokenHere),
    ['image to image', 'upscale latent', 'upscale latent', 'load image', 'text to image lora', null])
})

test('what nearly every workflow has comes before what happens to begin with the word; the very name comes first', () => {
  const many = [type('LoraLoaderModelOnly', 'LoraLoaderModelOnly'), type('SaveCheckpoint', 'Save Checkpoint'), type('LoraLoader', 'Load LoRA'), type('SaveImage', 'Save Image'), type('Save', 'Save')]
  const named = (query) => rank(many, query, { fuzzy: new uFuzzy({ intraMode: 1 }), text: searchText, title: ({ title }) => title, usual: ({ id }) => usualness(id) }).map(({ id }) => id)
  assert.deepEqual(named('lora'), ['LoraLoader', 'LoraLoaderModelOnly'])
  assert.deepEqual(named('save'), ['Save', 'SaveImage', 'SaveCheckpoint'])
})
