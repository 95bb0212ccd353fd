// Play: the stories and the faults by hand end as described, and an address gives the same picture.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { address, open, picture, ready } from "./page.js"

/** @typedef {import("playwright-core").Page} Page */

/** The log, line by line. @param {Page} page */
const log = (page) => page.locator(".log li").evaluateAll((lines) => lines.map((line) => line.querySelector("button > span:last-child")?.firstChild?.textContent ?? ""))

/** The state of the picture: its lanes, and the number of drawn elements of each kind. @param {Page} page */
const drawn = (page) =>
  page.evaluate(() => {
    const count = (/** @type {string} */ selector) => document.querySelectorAll(`.stage svg ${selector}`).length
    return {
      lanes: [...document.querySelectorAll(".names code")].map((name) => name.textContent),
      turns: count(".turn:not(.ghost)"), broken: count(".turn.broken:not(.ghost)"), spawns: count(".arrow.spawn:not(.ghost)"), resumes: count(".arrow.resume:not(.ghost)"),
      loops: count(".loop:not(.ghost)"), denials: count(".cross.deny:not(.ghost)"), strikes: count("line.strike:not(.ghost)"), ghosts: count(".ghost"),
    }
  })

/** Goes to the first moment with this text. @param {Page} page @param {string} text */
async function to(page, text) {
  await page.locator(".log button", { hasText: text }).first().click()
}

/** @param {Page} page @param {string} name */
async function strike(page, name) {
  await page.locator(".inject").getByRole("button", { name }).click()
  await ready(page)
}

/** Goes to the last moment. @param {Page} page */
async function end(page) {
  await page.locator("input[type=range]").evaluate((/** @type {HTMLInputElement} */ scrub) => {
    scrub.value = scrub.max
    scrub.dispatchEvent(new Event("input"))
  })
}

/** Opens a story at its last moment. @param {string} hash */
async function openAtEnd(hash) {
  const page = await open(hash)
  await end(page)
  return page
}

describe("Play", async () => {
  it("The page opens with a story at its beginning, says what is seen, and plays by itself to the end", async () => {
    const page = await open("", { moves: true })
    assert.equal(await page.locator("[role=tab][aria-selected=true]").innerText(), "Play")
    assert.match(await page.locator(".intro").first().innerText(), /^Two explorers look around\./)
    assert.match(await page.locator(".legend").innerText(), /^A line is a session/)
    await page.getByRole("button", { name: "Pause" }).waitFor()
    await page.waitForFunction(() => document.querySelectorAll(".log li").length > 20)
    assert.match(await page.locator(".caption").innerText(), /^(user|host|engine) ./)
    await page.getByRole("button", { name: "Pause" }).click()
    assert.equal(await page.getByRole("button", { name: "Run" }).count(), 1)
    await page.locator("input[type=range]").evaluate((/** @type {HTMLInputElement} */ scrub) => {
      scrub.value = String(Number(scrub.max) - 3)
      scrub.dispatchEvent(new Event("input"))
    })
    await page.getByRole("button", { name: "Run" }).click()
    await page.waitForFunction(() => document.querySelector(".caption")?.textContent === "host the conversation is idle" && document.querySelector(".steps .main")?.textContent === "Run")
    assert.equal((await drawn(page)).ghosts, 0)
  })

  it("The page waits at the beginning for a viewer who wants no movement", async () => {
    const page = await open()
    assert.equal((await log(page)).length, 1)
    assert.equal(await page.getByRole("button", { name: "Run" }).count(), 1)
    assert.equal(await address(page), "#play/names")
    assert.equal((await log(page)).length, 1)
  })

  it("A story that plays stops if another tab is shown, or if a moment is chosen", async () => {
    const page = await open("", { moves: true })
    await page.waitForFunction(() => document.querySelectorAll(".log li").length > 3)
    await page.getByRole("tab", { name: "Decide" }).click()
    await page.waitForFunction(() => document.querySelector("#panel-play .steps .main")?.textContent === "Run")
    await page.getByRole("tab", { name: "Play", exact: true }).click()
    await page.getByRole("button", { name: "Run" }).click()
    await page.getByRole("button", { name: "Pause" }).waitFor()
    // A list that grows keeps the focus.
    await page.locator(".log button").first().focus()
    const before = (await log(page)).length
    await page.waitForFunction((before) => document.querySelectorAll(".log li").length > before, before)
    await page.keyboard.press("Enter")
    assert.equal(await page.getByRole("button", { name: "Run" }).count(), 1)
    assert.equal((await log(page)).length, 1)
  })

  it("The picture labels each decision in words, and its row second", async () => {
    const page = await openAtEnd("#play/budget")
    assert.deepEqual(await page.locator(".stage svg .rule").allTextContents(), ["startedR5", "startedR5", "startedR5", "deniedG8", "resumedR4", "startedR5"])
  })

  it("A story shows two explorers, one of them resumed twice", async () => {
    const page = await openAtEnd("#play/names")
    const { lanes, spawns, resumes, loops, strikes, ghosts } = await drawn(page)
    // OpenCode runs the two calls of one message side by side, so either is the first to be decided.
    assert.deepEqual(lanes.sort(), ["conversation", "explore-auth", "find-tests", "retry-refresh"])
    assert.deepEqual({ spawns, resumes, loops, strikes, ghosts }, { spawns: 3, resumes: 2, loops: 2, strikes: 0, ghosts: 0 })
    const decided = (await log(page)).filter((line) => line.startsWith("decides"))
    const rows = decided.map((line) => /: (\w+ \S+ \(\w+\))/.exec(line)?.[1])
    assert.deepEqual(rows.slice(0, 2).sort(), ["spawn explore-auth (R5)", "spawn find-tests (R5)"])
    assert.deepEqual(rows.slice(2), ["resume explore-auth (R4)", "spawn retry-refresh (R5)", "resume explore-auth (R9)"])
  })

  it("A budget drains, denies the next call, and is full again", async () => {
    const page = await openAtEnd("#play/budget")
    const pips = () => page.locator(".pips").getAttribute("aria-label")
    await to(page, "denies plan-release's call")
    assert.equal(await pips(), "0 of 2 calls left")
    assert.equal((await drawn(page)).denials, 1)
    assert.match(await page.locator(".log [aria-current]").innerText(), /G8[^]*Task budget exhausted \(2\/2 calls\)/)
    await end(page)
    assert.ok((await log(page)).some((line) => line === "plan-release has its budget again: 2 of 2 calls"))
    // The lead has made one call since it was asked again.
    assert.equal(await pips(), "1 of 2 calls left")
  })

  it("A story steps, scrubs back and runs", async () => {
    const page = await openAtEnd("#play/names")
    const whole = await drawn(page)
    const lines = (await log(page)).length
    await page.getByRole("button", { name: "Step back" }).click()
    assert.equal((await log(page)).length, lines - 1)
    await page.locator("input[type=range]").fill("6")
    assert.equal((await log(page)).length, 7)
    const early = await drawn(page)
    assert.ok(early.ghosts > 0 && early.turns < whole.turns && early.resumes === 0, JSON.stringify(early))
    assert.deepEqual(early.lanes, whole.lanes)
    await page.getByRole("button", { name: "Step", exact: true }).click()
    assert.equal((await log(page)).length, 8)
    await page.getByRole("button", { name: "Run" }).click()
    await page.waitForFunction((lines) => document.querySelectorAll(".log li").length >= Math.min(lines, 14), lines)
    await page.getByRole("button", { name: "Pause" }).click()
    await end(page)
    assert.deepEqual(await drawn(page), whole)
  })

  it("A child that was killed is resumed by its name, in the same session", async () => {
    const page = await openAtEnd("#play/names")
    await to(page, "explore-auth asks model")
    await strike(page, "Kill the process")
    const { strikes, broken } = await drawn(page)
    assert.equal(strikes, 1)
    assert.ok(broken >= 2)
    assert.match(await page.locator("dl").innerText(), /explore-auth|find-tests/)
    await end(page)
    const lines = await log(page)
    const after = lines.slice(lines.indexOf("The process is gone, with all that it had in memory"))
    assert.deepEqual(after.slice(0, 3).map((line) => line.split(",")[0]), ["The process is gone", "OpenCode is up", "“Go on.”"])
    const decided = after.filter((line) => line.startsWith("decides"))
    assert.match(decided.find((line) => line.includes("explore-auth")) ?? "", /resume explore-auth \(R4\)/)
    assert.deepEqual((await drawn(page)).lanes.sort(), ["conversation", "explore-auth", "find-tests", "retry-refresh"])
    assert.equal(after.at(-1), "the conversation is idle")
  })

  it("A failed first prompt is tried with the next model", async () => {
    const page = await openAtEnd("#play/names")
    await to(page, "the conversation begins a turn")
    await strike(page, "Fail the next first prompt")
    await end(page)
    const lines = await log(page)
    const failed = lines.findIndex((line) => line.includes("p/one refuses"))
    const name = lines[failed].split(":")[0]
    const tried = lines.findIndex((line) => line === `${name}: has it tried again with model two`)
    assert.ok(failed > 0 && tried > failed, lines.join("\n"))
    assert.ok(lines.indexOf(`${name} asks model p/two`) > tried)
    assert.equal(lines.at(-1), "the conversation is idle")
  })

  it("A deleted child ends its call, and its name is free", async () => {
    const page = await openAtEnd("#play/names")
    await to(page, "explore-auth asks model")
    await page.getByLabel("Which child to delete").selectOption({ label: "explore-auth" })
    await strike(page, "Delete")
    await end(page)
    const lines = await log(page)
    assert.ok(lines.includes("explore-auth is gone"))
    assert.ok(lines.includes("the conversation's call fails"))
    assert.match(lines.filter((line) => line.startsWith("decides"))[2], /spawn explore-auth \(R5\)/)
    assert.equal(await page.locator(".names .lost code").innerText(), "explore-auth")
  })

  it("A reload reports its lost background task, and the session is resumed", async () => {
    const page = await openAtEnd("#play/background")
    await to(page, "mend-typo is created")
    await strike(page, "Reload the plugin")
    await end(page)
    const lines = await log(page)
    const delivered = page.locator(".log button", { hasText: "gets a background result" }).first()
    await delivered.click()
    assert.match(await page.locator(".log [aria-current]").innerText(), /was lost/)
    assert.ok(lines.some((line) => /resume search-logs \(R4\)/.test(line)))
  })

  it("A seed gives the same faults, and a fault can be removed", async () => {
    const page = await openAtEnd("#play/names")
    const fair = await drawn(page)
    await page.getByLabel("Faults by seed").fill("7")
    await ready(page)
    const seeded = await log(page)
    assert.notDeepEqual(await drawn(page), fair)
    const other = await open(await address(page))
    assert.deepEqual(await log(other), seeded)
    await page.getByLabel("Faults by seed").fill("0")
    await ready(page)
    await to(page, "explore-auth asks model")
    await strike(page, "Kill the process")
    await page.locator(".chip").click()
    await ready(page)
    assert.deepEqual(await drawn(page), fair)
  })

  it("An address shows the same picture to everybody", async () => {
    const page = await openAtEnd("#play/budget")
    await to(page, "changes asks model")
    await strike(page, "Kill the process")
    await page.locator(".names button").nth(1).click()
    const hash = await address(page)
    const other = await open(hash)
    assert.deepEqual(await picture(other), await picture(page))
    assert.equal((await drawn(other)).strikes, 1)
  })
})
