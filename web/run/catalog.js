// The server's node types, fetched again whenever the server says that they changed.

import { indexCatalog } from '../document/catalog.js'
import { localiseCatalog } from '../languages/language.js'
import { fetchCatalog } from './api.js'
import { newest } from './newest.js'

/** A file that comes in and the server's word that types changed ask at once. @type {() => Promise<import('../document/catalog.js').Catalog>} */
export const loadCatalog = newest(async () => indexCatalog(localiseCatalog(await fetchCatalog())))
