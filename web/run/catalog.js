// The server's node types, fetched again whenever the server says that they changed.

import { indexCatalog } from '../document/catalog.js'
import { localiseCatalog } from '../languages/language.js'
import { fetchCatalog } from './api.js'

/** @returns {Promise<import('../document/catalog.js').Catalog>} */
export const loadCatalog = async () => indexCatalog(localiseCatalog(await fetchCatalog()))
