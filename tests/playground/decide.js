// Decide: each example fires its row, a fault is marked at its field, and an address shows the same content.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { rules } from "../../js/engine.js"
import { EXAMPLES } from "../../js/playground/page/examples.js"
import { write } from "../../js/playground/page/link.js"
import { address, open, picture, ready } from "./page.js"

/** @typedef {import("playwright-core").Page} Page */

/** The row that fires, and the states of all rows. @param {Page} page */
const fired = (page) =>
  page.evaluate(() => {
    const rows = [...document.querySelectorAll(".rows li")]
    const name = (/** @type {Element} */ row) => row.querySelector(".rule")?.textContent
    return { fires: rows.filter((row) => row.classList.contains("fires")).map(name), passed: rows.filter((row) => row.classList.contains("passed")).map(name) }
  })

/** @param {Page} page @param {string} path */
const field = (page, path) => page.locator(`[data-path="${path}"]`)

describe("Decide", async () => {
  const table = rules().map(({ rule }) => rule)

  it("Each row has an example that fires it, after the rows before it did not fire", async () => {
    const page = await open("#decide")
    assert.deepEqual(EXAMPLES.map(({ rule }) => rule), table)
    for (const [place, rule] of table.entries()) {
      await page.click(`.examples a[href="#decide/${rule}"]`)
      await page.waitForFunction((rule) => document.querySelector(".rows .fires .rule")?.textContent === rule, rule)
      assert.deepEqual(await fired(page), { fires: [rule], passed: table.slice(0, place) })
      assert.match(await page.locator(".why").innerText(), new RegExp(` ${rule}$`))
      assert.equal(await page.locator(".examples [aria-current]").innerText(), `${EXAMPLES[place].name} ${rule}`)
    }
  })

  it("A decision shows the facts of each row, the message, and the candidates", async () => {
    const page = await open("#decide/R7")
    const row = page.locator(".rows li", { hasText: "R7" })
    assert.deepEqual(await row.locator(".facts span").allInnerTexts(), ["task_id an id", "session none found", "caller's sessions some to resume"])
    assert.match(await page.locator(".verdict pre").innerText(), /^There is no session "ses_1111222233" to resume\.[^]*Sessions that can be resumed:\n- explore-auth/)
    assert.match(await page.locator(".candidates li").first().innerText(), /explore-auth/)
  })

  it("A change of the world changes the decision", async () => {
    const page = await open("#decide/R4")
    await field(page, "sessions/1/state").selectOption("busy")
    assert.deepEqual((await fired(page)).fires, ["R1"])
    await field(page, "sessions/1/state").selectOption("idle")
    await field(page, "request/task_id").fill("something-else")
    assert.deepEqual((await fired(page)).fires, ["R5"])
    await field(page, "request/task_id").fill("")
    assert.deepEqual((await fired(page)).fires, ["R12"])
    await field(page, "options/same_agent").selectOption("resume")
    assert.deepEqual((await fired(page)).fires, ["R11"])
    await page.getByRole("button", { name: "Remove ses_d81c44f0" }).click()
    await page.getByRole("button", { name: "Remove ses_e03ba5d9" }).click()
    assert.deepEqual((await fired(page)).fires, ["R12"])
    await page.getByRole("button", { name: "Add a session" }).click()
    assert.deepEqual((await fired(page)).fires, ["R11"])
  })

  it("A fault is marked at its field, in the engine's words", async () => {
    const page = await open("#decide/R4")
    for (const [path, value, says] of /** @type {[string, string, RegExp][]} */ ([
      ["agents/3/budget", "many", /expected a whole number from 0 up, got "many"/],
      ["agents/0/task", "*: perhaps", /expected allow or ask or deny/],
      ["options/max_depth", "1.5", /expected a whole number/],
      ["options/auto_resume", "2", /auto_resume/],
      ["sessions/1/age", "soon", /expected a number/],
      ["sessions/1/tokens", "4x", /expected a number/],
      ["window", "wide", /expected a number/],
    ])) {
      const before = await field(page, path).inputValue()
      await field(page, path).fill(value)
      assert.equal(await field(page, path).getAttribute("aria-invalid"), "true", path)
      const note = await field(page, path).evaluate((node) => document.getElementById(node.getAttribute("aria-describedby") ?? "")?.textContent)
      assert.match(note ?? "", says)
      assert.equal(await page.locator("[data-path][aria-invalid=true]").count(), 1)
      assert.match(await page.locator(".result").innerText(), /Not decided[^]*A field is marked/)
      await field(page, path).fill(before)
      assert.deepEqual((await fired(page)).fires, ["R4"])
    }
    // An empty id is a fault, though the engine would read it as absent.
    await field(page, "sessions/1/id").fill("")
    assert.match(await page.locator("#f-sessions-1-id-note").innerText(), /cannot be empty/)
  })

  it("An address shows the same decision to everybody", async () => {
    const page = await open("#decide/G8")
    await field(page, "request/description").fill("Umlauts: äöü, and 漢字")
    await field(page, "agents/3/budget").fill("4")
    await field(page, "options/slug_scope").selectOption("caller")
    await page.getByRole("button", { name: "Add a session" }).click()
    const hash = await address(page)
    assert.match(hash, /^#decide\/~/)
    assert.ok(hash.length < 2_000, `${hash.length} characters`)
    const other = await open(hash)
    assert.deepEqual(await picture(other), await picture(page))
    assert.deepEqual((await fired(other)).fires, ["R12"])
  })

  it("A cut address is reported, and the page continues from there", async () => {
    const page = await open("#decide")
    await page.evaluate(() => (location.hash = "#decide/~q1YqSy0q"))
    await page.waitForSelector("#panel-decide .trouble")
    assert.match(await page.locator("#panel-decide .trouble").innerText(), /cut short or changed/)
    await page.click("#panel-decide .trouble a")
    await page.waitForSelector(".rows .fires")
  })

  it("A link that is followed before the address has changed is shown", async () => {
    // Keeps the pause before the address changes, to end it between the link and its event.
    const page = await open("#decide", { heard: (page) => void page.addInitScript(`
      const { setTimeout } = window
      window.setTimeout = (ends, ms, ...rest) => (ms === 200 ? (window.pauseEnds = ends, 0) : setTimeout(ends, ms, ...rest))
    `) })
    await page.evaluate(() => {
      location.hash = "#decide/R1"
      ;/** @type {any} */ (window).pauseEnds()
    })
    await page.waitForFunction(() => document.querySelector(".rows .fires .rule")?.textContent === "R1")
    assert.equal(await page.evaluate(() => location.hash), "#decide/R1")
  })

  for (const [tab, state] of /** @type {[string, object][]} */ ([
    ["decide", { agents: 5 }], ["decide", { sessions: [null] }], ["replay", { history: {} }], ["replay", { history: { sessions: [null], calls: [] } }],
  ])) {
    it(`An address with an invalid state is reported: ${tab} of ${JSON.stringify(state)}`, async () => {
      const page = await open(`#${tab}`)
      await page.evaluate((hash) => (location.hash = hash), await write({ tab, state }))
      await page.waitForSelector(`#panel-${tab} > .trouble`)
      assert.match(await page.locator(`#panel-${tab} > .trouble`).innerText(), /cut short or changed/)
      // Another address still works.
      await page.evaluate((tab) => (location.hash = `#${tab}/${tab === "decide" ? "R1" : "list"}`), tab)
      await page.waitForSelector(tab === "decide" ? ".rows .fires" : "tbody tr")
    })
  }

  it("On a phone the decision stays in view while the world is edited", async () => {
    const page = await open("#decide/R4", { width: 390, height: 844 })
    const glance = page.locator(".glance")
    assert.equal(await glance.innerText(), "resume explore-auth The task_id names this session. R4")
    const last = field(page, "options/same_agent")
    await last.scrollIntoViewIfNeeded()
    await field(page, "sessions/1/state").selectOption("busy")
    assert.match(await glance.innerText(), /^join explore-auth .* R1$/)
    await field(page, "options/max_depth").fill("x")
    assert.match(await glance.innerText(), /^Not decided/)
    for (const path of ["request/task_id", "sessions/2/tokens", "agents/3/budget", "options/max_depth"]) {
      await field(page, path).focus()
      const [top, bottom] = await glance.evaluate((node) => [node.getBoundingClientRect().top, node.getBoundingClientRect().bottom])
      assert.ok(top >= 0 && bottom <= 844, `${path}: ${top} to ${bottom}`)
      const covered = await field(page, path).evaluate((node) => node.getBoundingClientRect().top)
      assert.ok(covered >= bottom, `${path}: the field is at ${covered}, below ${bottom}`)
    }
  })

  it("The page can be used with the keyboard alone", async () => {
    const page = await open("#decide")
    await page.keyboard.press("Tab")
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the content")
    await page.locator("#tab-decide").focus()
    await page.keyboard.press("ArrowLeft")
    await page.waitForSelector("#panel-play:not([hidden])")
    assert.equal(await page.evaluate(() => document.activeElement?.id), "tab-play")
    await page.keyboard.press("ArrowRight")
    await page.waitForSelector("#panel-decide:not([hidden])")
    await ready(page)
    await page.locator(".rowwise a").first().focus()
    await page.keyboard.press("Enter")
    await page.waitForFunction(() => document.querySelector(".rows .fires .rule")?.textContent === "G1")
    assert.equal(await page.locator("#live").innerText(), "G1: deny")
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("href")), "#decide/G1")
  })
})
