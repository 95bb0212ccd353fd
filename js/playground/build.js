// Builds the playground into target/playground, a folder for any static host, and serves it on this machine.
// `node js/playground/build.js --build` only builds it, and prints the sizes.

import { build } from "esbuild"
import { createServer } from "node:http"
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { extname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"

const here = fileURLToPath(new URL(".", import.meta.url))
const page = join(here, "page")
const root = join(here, "..", "..")
/** The default folder of the build. */
const FOLDER = join(root, "target", "playground")

const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm", ".json": "application/json",
})

/** The fields of the sample that the page does not read. */
const UNREAD = new Set(["slug", "projectID", "directory", "path", "version", "summary", "cost", "model", "providerID", "modelID", "variant", "finish", "truncated", "output", "mode", "reasoning", "total", "completed", "permission"])

/** The modules that load the wasm. */
const LOADERS = new Set([join(root, "js", "engine.js"), join(root, "js", "load_engine.js")])

/** The plugin with stand-ins for Node, and without its own wasm: the page loads the wasm as a file. @type {import("esbuild").Plugin} */
const browser = {
  name: "browser",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, () => ({ path: join(page, "node_stand_ins.js") }))
    onResolve({ filter: /engine\.js$/ }, ({ resolveDir, path }) => (LOADERS.has(join(resolveDir, path)) ? { path: "loaded", namespace: "loaded" } : undefined))
    onLoad({ filter: /.*/, namespace: "loaded" }, () => ({ contents: "export const loadEngine = async () => {}" }))
  },
}

/**
 * Builds the page.
 * @param {string} [folder]
 */
export async function make(folder = FOLDER) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  /** @type {import("esbuild").BuildOptions} */
  const common = { bundle: true, minify: true, format: "esm", target: "es2023", outdir: folder, legalComments: "none", logLevel: "warning", absWorkingDir: root }
  await build({ ...common, entryPoints: { app: join(page, "app.js"), stage: join(here, "stories", "worker.js") }, splitting: true, chunkNames: "both", plugins: [browser] })
  await build({ ...common, entryPoints: [join(page, "style.css")] })
  const html = readFileSync(join(page, "index.html"), "utf8")
  writeFileSync(join(folder, "index.html"), html.replace(/\n\s*/g, "\n"))
  const isCall = (/** @type {any} */ { type }) => type === "tool"
  const read = (/** @type {string} */ key, /** @type {any} */ value) => {
    if (key === "messages") return value.filter((/** @type {any} */ { parts }) => parts.some(isCall))
    if (key === "parts") return value.filter(isCall)
    // The random ids of messages and parts do not compress, and the page does not read them.
    return UNREAD.has(key) || /^(msg|prt)_/.test(String(value)) ? undefined : value
  }
  writeFileSync(join(folder, "sample.json"), JSON.stringify(JSON.parse(readFileSync(join(page, "sample.json"), "utf8")), read))
  copyFileSync(join(root, "pkg", "opencode_delegate_bg.wasm"), join(folder, "opencode_delegate_bg.wasm"))
}

/** @param {Buffer} bytes */
const gzipped = (bytes) => gzipSync(bytes, { level: 9 })

/** @param {Buffer} bytes */
const brotlied = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })

/** The files of a folder, with their compressed forms. @param {string} folder */
function filesOf(folder) {
  return new Map(readdirSync(folder).sort().map((name) => {
    const raw = readFileSync(join(folder, name))
    return [name, { raw, br: brotlied(raw), gzip: gzipped(raw) }]
  }))
}

/**
 * Serves the folder as a static host would, each file compressed once.
 * @param {{ folder?: string, port?: number }} [of] any free port unless given
 * @returns {Promise<{ url: string, files: ReturnType<typeof filesOf>, close: () => void }>}
 */
export async function serve({ folder = FOLDER, port = 0 } = {}) {
  const files = filesOf(folder)
  const server = createServer(({ url = "/", headers }, response) => {
    const name = new URL(url, "http://localhost").pathname.slice(1) || "index.html"
    const file = files.get(name)
    if (!file) return void response.writeHead(404, { "content-type": "text/plain" }).end("There is no such file.\n")
    const accepted = String(headers["accept-encoding"] ?? "")
    const coding = accepted.includes("br") ? "br" : accepted.includes("gzip") ? "gzip" : undefined
    const body = coding ? file[coding] : file.raw
    response.writeHead(200, {
      "content-type": TYPES[extname(name)] ?? "application/octet-stream", "content-length": body.length, vary: "accept-encoding",
      "cache-control": "no-cache", ...(coding ? { "content-encoding": coding } : {}),
    }).end(body)
  })
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", () => resolve(undefined)))
  const { port: taken } = /** @type {import("node:net").AddressInfo} */ (server.address())
  return { url: `http://127.0.0.1:${taken}/`, files, close: () => void server.close() }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await make()
  const files = [...filesOf(FOLDER)]
  for (const [name, { raw, gzip, br }] of files) console.log(`${name.padEnd(30)} ${kb(raw)} ${kb(gzip)} gzip ${kb(br)} brotli`)
  console.log(`${files.length} files in target/playground, ${kb(Buffer.concat(files.map(([, { br }]) => br))).trim()} brotli in all`)
  if (!process.argv.includes("--build")) console.log(`The playground is at ${(await serve({ port: Number(process.env.PORT ?? 4173) })).url}`)
}

/** @param {Buffer} bytes */
function kb({ length }) {
  return `${(length / 1_024).toFixed(1).padStart(7)} KB`
}
