// The documents that the canvas is measured on; made in the page, where they are large.

/** In the page: a layered graph of so many nodes and links. */
export const buildGraph = ([nodeCount, linkCount]) => {
  let state = 42
  const random = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32)
  const kinds = [['CheckpointLoaderSimple', 'MODEL'], ['CLIPTextEncode', 'CONDITIONING'], ['KSampler', 'LATENT'], ['VAEDecode', 'IMAGE'], ['ImageScaleBy', 'IMAGE'], ['EmptyLatentImage', 'LATENT']]
  const rows = Math.ceil(Math.sqrt(nodeCount / 2))
  const nodes = Array.from({ length: nodeCount }, (_, index) => ({
    id: `n${index}`, type: kinds[index % kinds.length][0], position: [Math.floor(index / rows) * 360, (index % rows) * 420], inputs: { text: `a prompt of node ${index}` },
  }))
  const inputs = { CLIPTextEncode: ['clip'], KSampler: ['model', 'positive', 'negative', 'latent_image'], VAEDecode: ['samples', 'vae'], ImageScaleBy: ['image'] }
  const taken = new Set()
  const links = []
  while (links.length < linkCount) {
    const to = Math.floor(rows + random() * (nodeCount - rows))
    const names = inputs[nodes[to].type]
    const from = to - 1 - Math.floor(random() * Math.min(to, 3 * rows))
    const name = names ? names[Math.floor(random() * names.length)] : ['width', 'height', 'ckpt_name'][Math.floor(random() * 3)]
    if (from < 0 || taken.has(`${to}.${name}`)) continue
    taken.add(`${to}.${name}`)
    links.push({ from: [`n${from}`, kinds[from % kinds.length][1]], to: [`n${to}`, name] })
  }
  return { format: 'tessera.workflow', version: 1, title: 'Large', nodes, links, view: { x: 0, y: 0, zoom: 1 } }
}

/** In the page: instances drawn open, one in another, 30 frames, notes and portals, among so many nodes. */
export const buildDeepGraph = () => {
  const step = (id, x, y, type = 'KSampler') => ({ id, type, position: [x, y], inputs: { steps: 8 } })
  const chain = (count) => Array.from({ length: count }, (_, index) => step(`s${index}`, index * 300, (index % 2) * 60))
  const chained = (nodes) => nodes.slice(1).map((node, index) => ({ from: [nodes[index].id, 'LATENT'], to: [node.id, 'latent_image'] }))
  const latent = { name: 'latent', type: 'LATENT' }
  const graph = (id, nodes) => ({ id, title: id, inputs: [latent], outputs: [latent], nodes, links: [
    { from: ['@in', 'latent'], to: [nodes[0].id, nodes[0].type.startsWith('@') ? 'latent' : 'latent_image'] }, ...chained(nodes.filter(({ type }) => type === 'KSampler')),
  ] })
  const inner = graph('inner', chain(4))
  const outer = graph('outer', [{ id: 'deep', type: '@inner', open: true, position: [0, 0] }, ...chain(3).map((node) => ({ ...node, position: [node.position[0] + 700, node.position[1]] }))])
  const nodes = Array.from({ length: 1000 }, (_, index) => step(`n${index}`, Math.floor(index / 25) * 360, (index % 25) * 460, index % 3 ? 'KSampler' : 'CLIPTextEncode'))
  for (let index = 5; index < 1000; index += 50) nodes[index] = { id: `n${index}`, type: index % 100 === 5 ? '@outer' : '@inner', open: true, position: nodes[index].position }
  const plain = nodes.filter(({ type }) => type === 'KSampler')
  const links = plain.slice(1).map((node, index) => ({ from: [plain[index].id, 'LATENT'], to: [node.id, 'latent_image'], ...(index % 5 ? {} : { portal: `latent ${index}` }) }))
  const frames = Array.from({ length: 30 }, (_, index) => ({ id: `f${index}`, title: `Part ${index}`, position: [(index % 10) * 1440 - 40, Math.floor(index / 10) * 3680 - 60], size: [1380, 3600] }))
  const notes = Array.from({ length: 20 }, (_, index) => ({ id: `t${index}`, text: `# Note ${index}\n- one line\n- and another that is a little longer`, position: [index * 700, -400], size: [300, 200] }))
  return { format: 'tessera.workflow', version: 1, title: 'Deep', nodes, links, frames, notes, subgraphs: [inner, outer], view: { x: 0, y: 0, zoom: 1 } }
}

/** So many steps that cost nothing: what a run of them costs is the telling of it. */
export const buildQuickSteps = (count) => {
  const pairs = Array.from({ length: count / 2 }, (_, index) => index)
  const at = (index, right) => [Math.floor(index / 25) * 620 + right, (index % 25) * 240]
  return {
    format: 'tessera.workflow', version: 1, title: 'Quick steps', view: { x: 0, y: 0, zoom: 1 },
    nodes: pairs.flatMap((index) => [
      { id: `length${index}`, type: 'StringLength', inputs: { string: `text ${index} of ${Math.random()}` }, position: at(index, 0) },
      { id: `shown${index}`, type: 'PreviewAny', inputs: {}, position: at(index, 300) },
    ]),
    links: pairs.map((index) => ({ from: [`length${index}`, 'length'], to: [`shown${index}`, 'source'] })),
  }
}
