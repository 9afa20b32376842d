// The server's HTTP routes as functions: JSON in, JSON out, and every refusal is an ApiError holding Problems.

/** @typedef {import('../document/catalog.js').Problem} Problem */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {{kind: string, folder?: string, name?: string, width?: number, height?: number, text?: string, node?: string, coordinate?: Record<string, unknown>, hidden?: boolean}} Artifact coordinate: where in a sweep; hidden: its file was deleted */
/** @typedef {{where: 'memory' | 'disk', age: number, bytes: number, seconds: number}} Kept */
/** @typedef {{id: string, type?: string, state: 'cached' | 'will_run' | 'blocked', reason?: string | null, node?: string, mapped?: boolean, kept?: Kept, key?: string}} PlannedStep kept, key: of a result that is there */
/** @typedef {{name: string, title?: string, description?: string, topic?: string, saved?: boolean}} Template saved: by a user, on the server */
/** @typedef {{problems: Problem[], steps: PlannedStep[], models?: object[]}} PlanAnswer models: what the document's files are known by */

const ROOT = '/api/v1'

/** The server said no, and why. */
export class ApiError extends Error {
  /** @param {number} status @param {Problem[]} problems */
  constructor(status, problems) {
    super(problems.map((problem) => problem.message).join('; ') || `The server answered ${status}`)
    this.name = 'ApiError'
    this.status = status
    this.problems = problems
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
const request = async (path, options) => {
  const answer = await fetch(ROOT + path, options).catch((error) => {
    if (error instanceof TypeError) throw new Error('the server does not answer', { cause: error })
    throw error
  })
  const body = await answer.json().catch(() => null)
  if (!answer.ok) throw new ApiError(answer.status, body?.problems ?? [])
  return body
}

/** @param {string} path @param {unknown} body @param {AbortSignal} [signal] */
const post = (path, body, signal) =>
  request(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal })

/** @param {string} path @param {Record<string, string | Blob>} fields */
const postForm = (path, fields) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return request(path, { method: 'POST', body: form })
}

/** @param {string} name */
const escapePath = (name) => name.split('/').map(encodeURIComponent).join('/')

/** @returns {Promise<any>} */
export const fetchCatalog = () => request('/nodes', { cache: 'no-cache' })

/** What a node type takes and gives, as Markdown. @param {string} type @returns {Promise<string>} */
export const fetchNodePage = async (type) => (await request(`/nodes/${escapePath(type)}/doc`)).page

/** @returns {Promise<{code: string, name: string}[]>} */
export const fetchLanguages = async () => (await request('/languages')).languages

/** @param {string} code @returns {Promise<import('../languages/dictionary.js').LanguageFile>} */
export const fetchLanguage = (code) => request(`/languages/${escapePath(code)}`)

/** What prompts are made of here. @returns {Promise<import('../kernels/prompt_completion.js').Vocabulary>} */
export const fetchVocabulary = () => request('/vocabulary')

/** How many tokens a prompt takes. @param {{text: string, rules: string, steps?: number}} asked @param {AbortSignal} [signal] @returns {Promise<{windows: number[], starts: number[], texts: number}>} */
export const countTokens = (asked, signal) => post('/tokens', asked, signal)

/** @typedef {{name: string, bytes?: number, sha256?: string, facts: Record<string, Record<string, unknown>>, picture?: boolean, result?: {folder: string, name: string} | null, problem?: string}} ModelDetails */

/** What is known of some files of a model folder. @param {string} folder @param {readonly string[]} names @returns {Promise<{details: ModelDetails[]}>} */
export const fetchModelDetails = (folder, names) => request(`/models/${escapePath(folder)}?${new URLSearchParams([['details', '1'], ...names.map((name) => ['name', name])])}`)

/** The sha256 of every model file that was read by now. @returns {Promise<{digests: {folder: string, name: string, sha256: string}[]}>} */
export const fetchDigests = () => request('/digests')

/** The picture beside a model file. @param {string} folder @param {string} name @param {number} preview */
export const modelPictureUrl = (folder, name, preview) => `${ROOT}/models/${escapePath(folder)}/${escapePath(name)}/picture?preview=${preview}`

/** @param {WorkflowDocument} workflow @param {AbortSignal} [signal] @param {string[]} [targets] @returns {Promise<PlanAnswer>} */
export const planWorkflow = (workflow, signal, targets) => post('/plan', { workflow, targets }, signal)

/**
 * @param {WorkflowDocument} workflow
 * @param {{client: string, targets?: string[]}} options
 * @returns {Promise<{run: string, seq: number}>}
 */
export const startRun = (workflow, options) => post('/runs', { workflow, ...options })

/** What lies on an output of a step that is known. @param {string} key @param {number} output its place @returns {Promise<import('../canvas/look_words.js').Look>} */
export const lookAt = (key, output) => request(`/values/${key}?output=${output}`)

/** @param {string} key @param {number} output @param {{index?: number, preview?: number}} [options] preview: no side longer; every pixel without */
export const valuePictureUrl = (key, output, { index = 0, preview } = {}) =>
  `${ROOT}/values/${key}/picture?output=${output}&index=${index}${preview ? `&preview=${preview}` : ''}`

/** @param {string} run */
export const cancelRun = (run) => post(`/runs/${encodeURIComponent(run)}/cancel`, {})

/** Leaves out what of a run that works is not done yet, at a coordinate, of a node, or of a node there. @param {string} run @param {{coordinate?: Readonly<Record<string, unknown>>, node?: string}} what */
export const skipSteps = (run, what) => post(`/runs/${encodeURIComponent(run)}/skip`, what)

/** @typedef {{id: string, seq: number, title: string, client: string, status: import('./runs.js').RunStatus, queued: number, seconds: number | null, priority: number, place: number, problems: Problem[], artifacts: (Artifact & {step: string})[]}} PastRun */

/** Runs of the log, the newest first: those with all these words, before one of them. @param {{text?: string, before?: number, limit?: number}} asked @returns {Promise<{runs: PastRun[], next: number | null}>} */
export const fetchRuns = (asked) => {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => [name, String(value)])
  return request(`/runs?${new URLSearchParams(given)}`)
}

/** What waits is done in another order. @param {string} run @param {{before: string} | {after: string} | {to: 'front' | 'back'}} place */
export const moveRun = (run, place) => post(`/runs/${encodeURIComponent(run)}/move`, place)

/** Queues again what an ended run did. @param {string} run */
export const retryRun = (run) => post(`/runs/${encodeURIComponent(run)}/retry`, {})

/** A run that waits does what this document says instead, in its place. @param {string} run @param {WorkflowDocument} workflow */
export const editRun = (run, workflow) =>
  request(`/runs/${encodeURIComponent(run)}`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ workflow }) })

/** @param {string} run @param {string} other @returns {Promise<{changes: import('./differences.js').Change[]}>} */
export const fetchDifference = (run, other) => request(`/runs/${encodeURIComponent(run)}/diff/${encodeURIComponent(other)}`)

/** Takes a file away; it can be brought back. @param {Artifact} artifact @returns {Promise<{trash: string}>} */
export const deleteFile = ({ folder = 'output', name = '' }) => request(`/files/${escapePath(folder)}/${escapePath(name)}`, { method: 'DELETE' })

/** @typedef {{id: string, folder: string, name: string, deleted: number}} Thrown */

/** A small picture of what was deleted. @param {string} id @param {number} size */
export const trashPictureUrl = (id, size) => `/api/v1/trash/${encodeURIComponent(id)}?preview=${size}`

/** What was deleted and can be brought back, the newest first. @returns {Promise<{trash: Thrown[]}>} */
export const fetchTrash = () => request('/trash')

/** @param {string} id @returns {Promise<{folder: string, name: string}>} */
export const restoreFile = (id) => post(`/trash/${encodeURIComponent(id)}/restore`, {})

/** @returns {Promise<{paused: boolean}>} */
export const fetchQueue = () => request('/queue')

/** @param {boolean} paused */
export const pauseQueue = (paused) => post(paused ? '/queue/pause' : '/queue/resume', {})

/** @returns {Promise<{cancelled: string[]}>} */
export const cancelAllRuns = () => post('/queue/cancel', {})

/** @param {string} run */
export const fetchRun = (run) => request(`/runs/${encodeURIComponent(run)}`)

/** @returns {Promise<Template[]>} */
export const fetchTemplates = async () => {
  const { workflows } = await request('/workflows')
  return workflows.map((/** @type {string | Template} */ entry) => (typeof entry === 'string' ? { name: entry } : entry))
}

/** @param {string} name @returns {Promise<WorkflowDocument>} */
export const fetchTemplate = async (name) => {
  const body = await request(`/workflows/${escapePath(name)}`)
  return body.workflow ?? body
}

/** Keeps a workflow on the server, in the place of one of this name. @param {string} name @param {WorkflowDocument} workflow @returns {Promise<{name: string}>} */
export const saveWorkflow = (name, workflow) =>
  request(`/workflows/${escapePath(name)}`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ workflow }) })

/** @param {string} name */
export const deleteWorkflow = (name) => request(`/workflows/${escapePath(name)}`, { method: 'DELETE' })

/** Sub-graphs that are kept as nodes, each a document with one instance of it. @returns {Promise<{name: string, workflow: WorkflowDocument}[]>} */
export const fetchSubgraphs = async () => (await request('/subgraphs')).subgraphs

/** @param {string} name @param {WorkflowDocument} workflow @returns {Promise<{name: string}>} */
export const saveSubgraph = (name, workflow) =>
  request(`/subgraphs/${escapePath(name)}`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ workflow }) })

/** @param {string} name */
export const deleteSubgraph = (name) => request(`/subgraphs/${escapePath(name)}`, { method: 'DELETE' })

/** @returns {Promise<Record<string, unknown>>} what people set, of every browser */
export const fetchKeptSettings = async () => (await request('/settings')).settings

/** @param {Record<string, unknown>} settings those that change */
export const changeKeptSettings = (settings) =>
  request('/settings', { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ settings }) })

/** @param {File} file @returns {Promise<{workflow: WorkflowDocument, problems?: Problem[]}>} */
export const readRecipe = (file) => postForm('/recipe', { file })

/** @param {File} file @returns {Promise<{folder: string, name: string}>} */
export const uploadImage = (file) => postForm('/uploads', { file, folder: 'input' })

/**
 * @param {Artifact} artifact
 * @param {{preview?: number}} [options]
 */
export const artifactUrl = (artifact, { preview } = {}) => {
  const path = `${ROOT}/files/${escapePath(artifact.folder ?? 'output')}/${escapePath(artifact.name ?? '')}`
  return preview ? `${path}?preview=${preview}` : path
}

/** @param {number} since */
export const socketUrl = (since) => {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return `${scheme}//${location.host}${ROOT}/socket?since=${since}&batched`
}
