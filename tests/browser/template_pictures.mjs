// Makes the pictures of the templates browser: runs each template that needs no file, and keeps the last picture that it
// shows as web/templates/NAME.webp. `node tests/browser/template_pictures.mjs [NAME …]` with the embedded model in place.

import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CHECKOUT, eventually, openBrowser, openEditor, Server } from './harness.mjs'

const FOLDER = join(CHECKOUT, 'web/templates')
const SIDE = 256
const server = await Server.start({ tiny: false, input: true })
const browser = await openBrowser()
try {
  const page = await openEditor(browser, server)
  const ready = await page.evaluate(async () => {
    const { readTemplates } = await import('/app/templates.js')
    return (await readTemplates(tessera.catalog)).filter(({ needs }) => !needs.length).map(({ name }) => name)
  })
  await mkdir(FOLDER, { recursive: true })
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : ready) {
    const bytes = await page.evaluate(makePicture, [name, SIDE]).catch((error) => console.warn(`${name}: ${error.message.split('\n')[0]}`))
    if (bytes) await writeFile(join(FOLDER, `${name}.webp`), Buffer.from(bytes))
    if (bytes) console.log(name, bytes.length)
  }
  const names = (await readdir(FOLDER)).filter((file) => file.endsWith('.webp')).map((file) => file.slice(0, -5)).sort()
  await writeFile(join(FOLDER, 'index.json'), `${JSON.stringify(names, null, 1)}\n`)
  await eventually(page, () => true)
} finally {
  await browser.close()
  await server.close()
}

/** In the page. */
async function makePicture([name, side]) {
  const { fetchTemplate, startRun, artifactUrl } = await import('/run/api.js')
  const { picturesOf } = await import('/run/runs.js')
  const { run } = await startRun(await fetchTemplate(name), { client: 'pictures' })
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    const found = tessera.session.runs.get(run)
    if (found?.seconds === undefined) continue
    if (found.status !== 'succeeded') throw new Error(JSON.stringify(found.problems[0]?.message))
    const picture = picturesOf(found).at(-1)
    if (!picture) return null
    const bitmap = await createImageBitmap(await (await fetch(artifactUrl(picture))).blob())
    const scale = Math.min(1, side / Math.min(bitmap.width, bitmap.height))
    const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale))
    canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.86 })
    return [...new Uint8Array(await blob.arrayBuffer())]
  }
}
