// Asks the browser for files.

/** @returns {Promise<File[]>} none where the dialog was closed */
export const pickFiles = () => new Promise((resolve) => {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = 'image/*'
  input.addEventListener('change', () => resolve([...(input.files ?? [])]))
  input.addEventListener('cancel', () => resolve([]))
  input.click()
})
