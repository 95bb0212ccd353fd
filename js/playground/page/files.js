// Dropped and chosen files, folders among them.

/** @typedef {{ name: string, text: string }} Given */

/** The most files that are read: a folder may hold many others. */
const MOST = 500

/** The contents of files: of several, those of JSON. @param {File[]} files @returns {Promise<Given[]>} */
export async function contents(files) {
  const some = files.length > 1 ? files.filter(({ name }) => /\.json$/i.test(name)) : files
  return Promise.all(some.slice(0, MOST).map(async (file) => ({ name: file.name, text: await file.text() })))
}

/** The dropped files, and those in dropped folders, or the dropped text. @param {DataTransfer} data @returns {Promise<Given[]>} */
export async function dropped(data) {
  const text = data.getData("text")
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  /** @type {File[]} */
  const files = []
  for (const entry of entries) await walk(entry, files)
  return files.length || !text ? contents(files) : [{ name: "", text }]
}

/** @param {any} entry @param {File[]} files */
async function walk(entry, files) {
  if (files.length >= MOST) return
  if (entry.isFile) return void files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)))
  const reader = entry.createReader()
  for (;;) {
    // A folder is read in pieces.
    const some = await /** @type {Promise<any[]>} */ (new Promise((resolve, reject) => reader.readEntries(resolve, reject)))
    if (!some.length) return
    for (const each of some) await walk(each, files)
  }
}
