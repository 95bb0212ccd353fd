// The processes that records name, as the engine gets to know them. Runs under Node and Bun.

import assert from "node:assert/strict"
import { pid, ppid } from "node:process"
import { describe, it } from "node:test"
import { engineSession } from "../../js/core/index.js"
import { registerInstance, unregisterInstance } from "../../js/core/instances.js"
import { OtherProcesses } from "../../js/core/other_processes.js"

/** A session with a record. @param {any} record */
const session = (record) => /** @type {any} */ ({ id: "ses_a", title: "Look", metadata: { delegate: record } })

const OWN = `${pid}:own`
const ALIVE = `${ppid}:alive`
const GONE = `${pid}:gone`

/** What the engine gets to know of the processes in a record. @param {any} record */
function known(record) {
  const { alive, living } = engineSession(session(record), OWN)
  return { alive, living }
}

describe("The processes that a record names", () => {
  it("A record that names one process says whether that one is alive", () => {
    for (const [process, alive] of /** @type {const} */ ([[OWN, undefined], [ALIVE, true], [GONE, false], [undefined, undefined], [5, undefined]])) {
      assert.deepEqual(known({ process, prompt: {}, tasks: [{}] }), { alive, living: undefined }, String(process))
      assert.deepEqual(known({ process, prompt: { process }, tasks: null }), { alive, living: undefined }, String(process))
    }
    assert.deepEqual(known(undefined), { alive: undefined, living: undefined })
  })

  it("A record that names others beside it says which of them are alive, this one left out", () => {
    assert.deepEqual(known({ process: GONE, prompt: { process: ALIVE } }), { alive: false, living: [ALIVE] })
    assert.deepEqual(known({ process: ALIVE, prompt: { process: GONE } }), { alive: true, living: [] })
    assert.deepEqual(known({ process: ALIVE, prompt: { process: OWN } }), { alive: true, living: [] })
    assert.deepEqual(known({ process: OWN, tasks: [{ process: ALIVE }, { process: ALIVE }, { process: GONE }, { process: 5 }, null] }), { alive: undefined, living: [ALIVE] })
  })

  it("The present instance is none of the others that are alive", () => {
    const own = registerInstance()
    assert.deepEqual(engineSession(session({ process: ALIVE, prompt: { process: own } }), own).living, [])
    unregisterInstance(own)
  })

  it("A record of another process says which ended instances of this process it names, and no other record does", () => {
    const outlived = (/** @type {any} */ record) => engineSession(session(record), OWN).outlived
    const instance = registerInstance()
    assert.deepEqual(outlived({ process: ALIVE, prompt: { process: GONE }, tasks: [{ process: instance }, { process: OWN }, { process: ALIVE }] }), [GONE])
    assert.equal(outlived({ process: ALIVE, tasks: [{ process: instance }, { process: `${2 ** 30}:gone` }] }), undefined)
    for (const process of [OWN, instance, GONE, undefined]) assert.equal(outlived({ process, prompt: { process: `${pid}:old` } }), undefined)
    unregisterInstance(instance)
    assert.deepEqual(outlived({ process: ALIVE, tasks: [{ process: instance }] }), [instance])
  })

  it("The end of one of several processes is reported, once", () => {
    const instance = registerInstance()
    const processes = new OtherProcesses()
    const all = () => true
    processes.note({ id: "ses_a", record: { process: ALIVE }, alive: true, living: [instance] })
    processes.note({ id: "ses_b", record: { process: OWN }, living: [instance] })
    processes.note({ id: "ses_c", record: { process: GONE }, alive: false, living: [] })
    assert.deepEqual([processes.has("ses_a"), processes.has("ses_b"), processes.has("ses_c")], [true, true, false])
    assert.equal(processes.haveDied(all), false)
    unregisterInstance(instance)
    assert.equal(processes.haveDied((id) => id === "ses_c"), false)
    assert.equal(processes.haveDied((id) => id === "ses_b"), true)
    assert.equal(processes.haveDied(all), true)
    assert.equal(processes.haveDied(all), false)
  })
})
