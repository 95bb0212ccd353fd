// The smallest and the largest value of each shape, as Rust writes them. tsc checks them against the types.
// `SHAPES=write cargo test shapes` writes this file.

import type { AttemptRef, Candidate, Created, Decided, Delivery, FailedAttempt, HostRule, HostSettings, KeptPrompt, Look, Message, Model, ListLookup, OutlineLookup, OutlineRow, Prompt, SessionRecord, Request, Session, SteerLookup, Task, Decision, Effect, Event, Failure, Steering } from "opencode-delegate/engine"

export const ofAttemptRef: AttemptRef[] = [
  {"now":0,"sessionID":"","prompt_no":0,"attempt":0},
  {"now":9007199254740991,"sessionID":"text","prompt_no":4294967295,"attempt":4294967295},
]

export const ofCandidate: Candidate[] = [
  {"sessionID":"","agent":"","description":"","confidence":0.0,"lastUsed":0},
  {"sessionID":"text","slug":"text","agent":"text","description":"text","confidence":0.5,"lastUsed":9007199254740991},
]

export const ofCreated: Created[] = [
  {"id":""},
  {"id":"text","parentID":"text","agent":"text","description":"text","prompt":"text","slug":"text","files":["","text"],"spent":{"tokens":9007199254740991,"cost":0.25},"record":{"type":"text","id":"prt_1","text":"text"},"alive":true,"living":["","text"],"outlived":["","text"]},
]

export const ofDecided: Decided[] = [
  {"decision":{"action":"resume","sessionID":"","rule":"G1","reason":"","ticket":0,"candidates":[]},"effects":[]},
  {"decision":{"action":"resume","sessionID":"text","rule":"R12","reason":"text","ticket":4294967295,"slug":"text","model":{"providerID":"text","modelID":"text"},"notice":"text","candidates":[{"sessionID":"","agent":"","description":"","confidence":0.0,"lastUsed":0},{"sessionID":"text","slug":"text","agent":"text","description":"text","confidence":0.5,"lastUsed":9007199254740991}]},"effects":[{"type":"store","sessionID":"","record":{"v":0,"budget":0,"used":0,"tokens":0,"window":0}},{"type":"store","sessionID":"text","record":{"v":4294967295,"slug":"text","id":"text","agent":"text","description":"text","budget":4294967295,"used":4294967295,"resumed":4294967295,"saved":9007199254740991,"former":[["",""],["text","text"]],"aliases":[["",0],["text",9007199254740991]],"tokens":9007199254740991,"window":9007199254740991,"model":{"providerID":"text","modelID":"text"},"lastUsed":9007199254740991,"renamed":9007199254740991,"prompt":{"parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","agent":"text","models":[{"providerID":"","modelID":""},{"providerID":"text","modelID":"text"}],"variant":"text","permission":[{"permission":"","pattern":"","action":"allow"},{"permission":"text","pattern":"text","action":"deny"}],"process":"text"},"messageID":"text","tasks":[{"id":"","prompt_no":0,"callerID":"","state":"running","since":0,"delivered":false},{"id":"text","prompt_no":4294967295,"callerID":"text","state":"lost","since":9007199254740991,"messageID":"text","message":"text","notices":["","text"],"deliveredBy":["","text"],"delivered":true,"unread":4294967295,"process":"text"}],"spawned":["text","text"],"undone":true,"freed":["","text"],"by":"user","files":["","text"],"hinted":4294967295,"hint_followed":4294967295,"process":"text","writer":"text"},"later":true}]},
]

export const ofDelivery: Delivery[] = [
  {"callerID":"","taskID":"","lost":false,"messageID":"","partID":"","joins":false},
  {"callerID":"text","via":"text","others":4294967295,"taskID":"text","asked":"text","lost":true,"unless":["","text"],"messageID":"text","partID":"text","joins":true},
]

export const ofFailedAttempt: FailedAttempt[] = [
  {"now":0,"sessionID":"","prompt_no":0,"attempt":0,"failure":{"kind":"host","name":"","message":""}},
  {"now":9007199254740991,"sessionID":"text","prompt_no":4294967295,"attempt":4294967295,"failure":{"kind":"host","name":"text","message":"text","retryable":true},"live":true,"jitter":0.5},
]

export const ofHostRule: HostRule[] = [
  {"permission":"","pattern":"","action":"allow"},
  {"permission":"text","pattern":"text","action":"deny"},
]

export const ofHostSettings: HostSettings[] = [
  {"max_depth":0,"task":{}},
  {"subagent_depth":9007199254740991,"max_depth":9007199254740991,"task":{"text":"deny"}},
]

export const ofKeptPrompt: KeptPrompt[] = [
  {"now":0,"callerID":"","agent":"","parts":[],"permission":[]},
  {"now":9007199254740991,"ticket":4294967295,"partID":"text","sessionID":"text","callerID":"text","callerAgent":"text","agent":"text","background":true,"parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","model":{"providerID":"text","modelID":"text"},"variant":"text","limits":{"timeout_ms":9007199254740991,"max_tokens":9007199254740991,"max_cost":0.25,"max_steps":9007199254740991},"permission":[{"permission":"","pattern":"","action":"allow"},{"permission":"text","pattern":"text","action":"deny"}],"seed":"text","process":"text","sent_elsewhere":true,"first":true},
]

export const ofLook: Look[] = [
  {"rule":"G1","holds":false,"facts":[]},
  {"rule":"R12","holds":true,"facts":[["",""],["text","text"]]},
]

export const ofMessage: Message[] = [
  {"messageID":"","parts":[],"agent":""},
  {"messageID":"text","parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","agent":"text","model":{"providerID":"text","modelID":"text"},"variant":"text"},
]

export const ofModel: Model[] = [
  {"providerID":"","modelID":""},
  {"providerID":"text","modelID":"text"},
]

export const ofListLookup: ListLookup[] = [
  {"sessionID":"","now":0},
  {"sessionID":"text","now":9007199254740991,"mermaid":true,"agent":"text","state":"text","page":4294967295},
]

export const ofOutlineLookup: OutlineLookup[] = [
  {"sessionID":"","now":0},
  {"sessionID":"text","now":9007199254740991,"most":4294967295,"seen":[{"sessionID":""},{"sessionID":"text","failed":true,"error":"text","unanswered":true,"permission":true}]},
]

export const ofOutlineRow: OutlineRow[] = [
  {"sessionID":"","depth":0,"title":"","named":false,"agent":"","state":"running","text":"","short":"","place":""},
  {"sessionID":"text","parentID":"text","depth":4294967295,"title":"text","named":true,"agent":"text","state":"done","text":"text","short":"text","place":"text"},
]

export const ofPrompt: Prompt[] = [
  {"parts":[],"agent":"","models":[],"permission":[]},
  {"parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","agent":"text","models":[{"providerID":"","modelID":""},{"providerID":"text","modelID":"text"}],"variant":"text","permission":[{"permission":"","pattern":"","action":"allow"},{"permission":"text","pattern":"text","action":"deny"}],"process":"text"},
]

export const ofSessionRecord: SessionRecord[] = [
  {"v":0,"budget":0,"used":0,"tokens":0,"window":0},
  {"v":4294967295,"slug":"text","id":"text","agent":"text","description":"text","budget":4294967295,"used":4294967295,"resumed":4294967295,"saved":9007199254740991,"former":[["",""],["text","text"]],"aliases":[["",0],["text",9007199254740991]],"tokens":9007199254740991,"window":9007199254740991,"model":{"providerID":"text","modelID":"text"},"lastUsed":9007199254740991,"renamed":9007199254740991,"prompt":{"parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","agent":"text","models":[{"providerID":"","modelID":""},{"providerID":"text","modelID":"text"}],"variant":"text","permission":[{"permission":"","pattern":"","action":"allow"},{"permission":"text","pattern":"text","action":"deny"}],"process":"text"},"messageID":"text","tasks":[{"id":"","prompt_no":0,"callerID":"","state":"running","since":0,"delivered":false},{"id":"text","prompt_no":4294967295,"callerID":"text","state":"lost","since":9007199254740991,"messageID":"text","message":"text","notices":["","text"],"deliveredBy":["","text"],"delivered":true,"unread":4294967295,"process":"text"}],"spawned":["text","text"],"undone":true,"freed":["","text"],"by":"user","files":["","text"],"hinted":4294967295,"hint_followed":4294967295,"process":"text","writer":"text"},
]

export const ofRequest: Request[] = [
  {"now":0,"callID":"","sessionID":"","agent":"","description":"","prompt":""},
  {"now":9007199254740991,"callID":"text","messageID":"text","by":"user","sessionID":"text","callerAgent":"text","agent":"text","description":"text","prompt":"text","task_id":"text","model":"text","limits":{"timeout_ms":9007199254740991,"max_tokens":9007199254740991,"max_cost":0.25,"max_steps":9007199254740991},"background":true,"permission":"text"},
]

export const ofSession: Session[] = [
  {"id":"","rootID":"","depth":0,"description":"","status":"busy","lastUsed":0,"tokens":0,"window":0,"used":0},
  {"id":"text","parentID":"text","rootID":"text","depth":4294967295,"agent":"text","description":"text","slug":"text","derivedID":"text","status":"idle","lastUsed":9007199254740991,"tokens":9007199254740991,"window":9007199254740991,"spent":{"tokens":9007199254740991,"cost":0.25},"spentBelow":{"tokens":9007199254740991,"cost":0.25},"limit":"text","asks":true,"budget":4294967295,"used":4294967295,"resumed":4294967295,"saved":9007199254740991,"prompt":"deleted","waiting":7,"task":{"id":"text","prompt_no":4294967295,"callerID":"text","state":"lost","since":9007199254740991,"messageID":"text","message":"text","notices":["","text"],"deliveredBy":["","text"],"delivered":true,"unread":4294967295,"process":"text"}},
]

export const ofSteerLookup: SteerLookup[] = [
  {"now":0,"sessionID":"","message":""},
  {"now":9007199254740991,"sessionID":"text","task_id":"text","message":"text","seed":"text"},
]

export const ofTask: Task[] = [
  {"id":"","prompt_no":0,"callerID":"","state":"running","since":0,"delivered":false},
  {"id":"text","prompt_no":4294967295,"callerID":"text","state":"lost","since":9007199254740991,"messageID":"text","message":"text","notices":["","text"],"deliveredBy":["","text"],"delivered":true,"unread":4294967295,"process":"text"},
]

export const ofDecision: Decision[] = [
  {"action":"resume","sessionID":"","rule":"G1","reason":"","ticket":0,"candidates":[]},
  {"action":"spawn","sessionID":"","rule":"G1","reason":"","ticket":0,"slug":"","candidates":[]},
  {"action":"compact","sessionID":"","rule":"G1","reason":"","ticket":0,"candidates":[]},
  {"action":"join","sessionID":"","rule":"G1","reason":""},
  {"action":"deny","code":"invalid_task_id","message":"","rule":"G1","candidates":[]},
  {"action":"resume","sessionID":"text","rule":"R12","reason":"text","ticket":4294967295,"slug":"text","model":{"providerID":"text","modelID":"text"},"notice":"text","candidates":[{"sessionID":"","agent":"","description":"","confidence":0.0,"lastUsed":0},{"sessionID":"text","slug":"text","agent":"text","description":"text","confidence":0.5,"lastUsed":9007199254740991}]},
  {"action":"spawn","sessionID":"text","rule":"R12","reason":"text","ticket":4294967295,"slug":"text","model":{"providerID":"text","modelID":"text"},"notice":"text","candidates":[{"sessionID":"","agent":"","description":"","confidence":0.0,"lastUsed":0},{"sessionID":"text","slug":"text","agent":"text","description":"text","confidence":0.5,"lastUsed":9007199254740991}],"others":4294967295},
  {"action":"compact","sessionID":"text","rule":"R12","reason":"text","ticket":4294967295,"slug":"text","model":{"providerID":"text","modelID":"text"},"notice":"text","candidates":[{"sessionID":"","agent":"","description":"","confidence":0.0,"lastUsed":0},{"sessionID":"text","slug":"text","agent":"text","description":"text","confidence":0.5,"lastUsed":9007199254740991}]},
  {"action":"join","sessionID":"text","rule":"R12","reason":"text","slug":"text","model":{"providerID":"text","modelID":"text"},"notice":"text"},
  {"action":"deny","code":"engine_trap","message":"text","rule":"R12","candidates":[{"sessionID":"","agent":"","description":"","confidence":0.0,"lastUsed":0},{"sessionID":"text","slug":"text","agent":"text","description":"text","confidence":0.5,"lastUsed":9007199254740991}],"others":4294967295},
]

export const ofEffect: Effect[] = [
  {"type":"store","sessionID":"","record":{"v":0,"budget":0,"used":0,"tokens":0,"window":0}},
  {"type":"create","ticket":0,"parentID":"","title":"","agent":"","permission":[],"record":{"v":0,"budget":0,"used":0,"tokens":0,"window":0}},
  {"type":"wait","sessionID":"","prompt_no":0,"behind":0},
  {"type":"send","sessionID":"","prompt_no":0,"attempt":0,"message":{"messageID":"","parts":[],"agent":""},"stall":0},
  {"type":"retry","sessionID":"","prompt_no":0,"attempt":0,"message":{"messageID":"","parts":[],"agent":""},"after":0,"stall":0},
  {"type":"abort","sessionID":""},
  {"type":"refuse","sessionID":"","requestID":"","message":""},
  {"type":"timer","sessionID":"","at":0},
  {"type":"forget","sessionID":"","prompt_no":0},
  {"type":"deliver","sessionID":"","prompt_no":0,"state":"created","notices":[]},
  {"type":"hold","sessionID":"","callerID":"","callID":"","behind":0},
  {"type":"proceed","sessionID":"","callerID":"","callID":""},
  {"type":"check","sessionID":"","prompt_no":0,"attempt":0},
  {"type":"store","sessionID":"text","record":{"v":4294967295,"slug":"text","id":"text","agent":"text","description":"text","budget":4294967295,"used":4294967295,"resumed":4294967295,"saved":9007199254740991,"former":[["",""],["text","text"]],"aliases":[["",0],["text",9007199254740991]],"tokens":9007199254740991,"window":9007199254740991,"model":{"providerID":"text","modelID":"text"},"lastUsed":9007199254740991,"renamed":9007199254740991,"prompt":{"parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","agent":"text","models":[{"providerID":"","modelID":""},{"providerID":"text","modelID":"text"}],"variant":"text","permission":[{"permission":"","pattern":"","action":"allow"},{"permission":"text","pattern":"text","action":"deny"}],"process":"text"},"messageID":"text","tasks":[{"id":"","prompt_no":0,"callerID":"","state":"running","since":0,"delivered":false},{"id":"text","prompt_no":4294967295,"callerID":"text","state":"lost","since":9007199254740991,"messageID":"text","message":"text","notices":["","text"],"deliveredBy":["","text"],"delivered":true,"unread":4294967295,"process":"text"}],"spawned":["text","text"],"undone":true,"freed":["","text"],"by":"user","files":["","text"],"hinted":4294967295,"hint_followed":4294967295,"process":"text","writer":"text"},"later":true},
  {"type":"create","ticket":4294967295,"parentID":"text","title":"text","agent":"text","permission":[{"permission":"","pattern":"","action":"allow"},{"permission":"text","pattern":"text","action":"deny"}],"record":{"v":4294967295,"slug":"text","id":"text","agent":"text","description":"text","budget":4294967295,"used":4294967295,"resumed":4294967295,"saved":9007199254740991,"former":[["",""],["text","text"]],"aliases":[["",0],["text",9007199254740991]],"tokens":9007199254740991,"window":9007199254740991,"model":{"providerID":"text","modelID":"text"},"lastUsed":9007199254740991,"renamed":9007199254740991,"prompt":{"parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","agent":"text","models":[{"providerID":"","modelID":""},{"providerID":"text","modelID":"text"}],"variant":"text","permission":[{"permission":"","pattern":"","action":"allow"},{"permission":"text","pattern":"text","action":"deny"}],"process":"text"},"messageID":"text","tasks":[{"id":"","prompt_no":0,"callerID":"","state":"running","since":0,"delivered":false},{"id":"text","prompt_no":4294967295,"callerID":"text","state":"lost","since":9007199254740991,"messageID":"text","message":"text","notices":["","text"],"deliveredBy":["","text"],"delivered":true,"unread":4294967295,"process":"text"}],"spawned":["text","text"],"undone":true,"freed":["","text"],"by":"user","files":["","text"],"hinted":4294967295,"hint_followed":4294967295,"process":"text","writer":"text"}},
  {"type":"wait","sessionID":"text","prompt_no":4294967295,"behind":7,"taskID":"text"},
  {"type":"send","sessionID":"text","prompt_no":4294967295,"attempt":4294967295,"message":{"messageID":"text","parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","agent":"text","model":{"providerID":"text","modelID":"text"},"variant":"text"},"stall":9007199254740991,"permission":[{"permission":"","pattern":"","action":"allow"},{"permission":"text","pattern":"text","action":"deny"}]},
  {"type":"retry","sessionID":"text","prompt_no":4294967295,"attempt":4294967295,"message":{"messageID":"text","parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","agent":"text","model":{"providerID":"text","modelID":"text"},"variant":"text"},"after":9007199254740991,"stall":9007199254740991},
  {"type":"abort","sessionID":"text","limit":true},
  {"type":"refuse","sessionID":"text","requestID":"text","message":"text"},
  {"type":"timer","sessionID":"text","at":9007199254740991},
  {"type":"forget","sessionID":"text","prompt_no":4294967295},
  {"type":"deliver","sessionID":"text","prompt_no":4294967295,"state":"deleted","message":"text","notices":["","text"],"used":"text","to":{"callerID":"text","via":"text","others":4294967295,"taskID":"text","asked":"text","lost":true,"unless":["","text"],"messageID":"text","partID":"text","joins":true}},
  {"type":"hold","sessionID":"text","callerID":"text","messageID":"text","callID":"text","behind":7},
  {"type":"proceed","sessionID":"text","callerID":"text","messageID":"text","callID":"text"},
  {"type":"check","sessionID":"text","prompt_no":4294967295,"attempt":4294967295,"messageID":"text"},
]

export const ofEvent: Event[] = [
  {"type":"session.created","now":0,"session":{"id":""}},
  {"type":"root.reading","now":0,"sessionID":""},
  {"type":"root.read","now":0,"sessionID":""},
  {"type":"session.touched","now":0,"sessionID":"","files":[]},
  {"type":"session.status","now":0,"sessionID":"","status":"busy"},
  {"type":"session.usage","now":0,"sessionID":"","tokens":0,"window":0},
  {"type":"session.spent","now":0,"sessionID":"","spent":{"tokens":0,"cost":0.0}},
  {"type":"session.stepped","now":0,"sessionID":"","messageID":"","more":false},
  {"type":"permission.asked","now":0,"sessionID":"","requestID":""},
  {"type":"permission.replied","now":0,"sessionID":"","requestID":""},
  {"type":"session.timer","now":0,"sessionID":""},
  {"type":"session.error","now":0,"sessionID":"","name":"","message":""},
  {"type":"session.deleted","now":0,"sessionID":""},
  {"type":"session.alias","now":0,"sessionID":"","alias":""},
  {"type":"session.renamed","now":0,"sessionID":"","name":""},
  {"type":"session.replaced","now":0,"sessionID":"","byID":""},
  {"type":"session.named","now":0,"sessionID":"","messageID":"","partID":"","namedID":""},
  {"type":"session.reverted","now":0,"sessionID":""},
  {"type":"message.removed","now":0,"sessionID":"","messageID":""},
  {"type":"ticket.commit","now":0,"ticket":0,"sessionID":""},
  {"type":"ticket.refund","now":0,"ticket":0},
  {"type":"prompt.kept","now":0,"callerID":"","agent":"","parts":[],"permission":[]},
  {"type":"prompt.sent","now":0,"sessionID":"","prompt_no":0,"attempt":0},
  {"type":"prompt.accepted","now":0,"sessionID":"","prompt_no":0,"attempt":0},
  {"type":"prompt.answered","now":0,"sessionID":"","prompt_no":0,"attempt":0},
  {"type":"prompt.failed","now":0,"sessionID":"","prompt_no":0,"attempt":0,"failure":{"kind":"host","name":"","message":""}},
  {"type":"prompt.cancelled","now":0,"sessionID":"","prompt_no":0,"attempt":0},
  {"type":"session.aborted","now":0,"sessionID":""},
  {"type":"session.cancelled","now":0,"sessionID":"","callerID":""},
  {"type":"session.prompted","now":0,"sessionID":"","messageID":""},
  {"type":"call.queued","now":0,"sessionID":"","callerID":"","callID":""},
  {"type":"call.ended","now":0,"sessionID":"","callerID":"","callID":""},
  {"type":"clock.set_back","now":0},
  {"type":"call.recovered","now":0,"sessionID":"","callerID":"","agent":"","description":""},
  {"type":"record.stored","now":0,"sessionID":""},
  {"type":"record.failed","now":0,"sessionID":""},
  {"type":"task.delivered","now":0,"sessionID":"","prompt_no":0,"delivered":false},
  {"type":"session.created","now":9007199254740991,"session":{"id":"text","parentID":"text","agent":"text","description":"text","prompt":"text","slug":"text","files":["","text"],"spent":{"tokens":9007199254740991,"cost":0.25},"record":{"type":"text","id":"prt_1","text":"text"},"alive":true,"living":["","text"],"outlived":["","text"]}},
  {"type":"root.reading","now":9007199254740991,"sessionID":"text"},
  {"type":"root.read","now":9007199254740991,"sessionID":"text"},
  {"type":"session.touched","now":9007199254740991,"sessionID":"text","files":["","text"],"project":"text"},
  {"type":"session.status","now":9007199254740991,"sessionID":"text","status":"idle"},
  {"type":"session.usage","now":9007199254740991,"sessionID":"text","tokens":9007199254740991,"window":9007199254740991},
  {"type":"session.spent","now":9007199254740991,"sessionID":"text","spent":{"tokens":9007199254740991,"cost":0.25},"rests":true},
  {"type":"session.stepped","now":9007199254740991,"sessionID":"text","messageID":"text","more":true},
  {"type":"permission.asked","now":9007199254740991,"sessionID":"text","requestID":"text"},
  {"type":"permission.replied","now":9007199254740991,"sessionID":"text","requestID":"text"},
  {"type":"session.timer","now":9007199254740991,"sessionID":"text"},
  {"type":"session.error","now":9007199254740991,"sessionID":"text","name":"text","message":"text","retryable":true},
  {"type":"session.deleted","now":9007199254740991,"sessionID":"text"},
  {"type":"session.alias","now":9007199254740991,"sessionID":"text","alias":"text"},
  {"type":"session.renamed","now":9007199254740991,"sessionID":"text","name":"text"},
  {"type":"session.replaced","now":9007199254740991,"sessionID":"text","byID":"text"},
  {"type":"session.named","now":9007199254740991,"sessionID":"text","messageID":"text","partID":"text","namedID":"text"},
  {"type":"session.reverted","now":9007199254740991,"sessionID":"text","messageID":"text","partID":"text"},
  {"type":"message.removed","now":9007199254740991,"sessionID":"text","messageID":"text","partID":"text","later":true,"before":"text"},
  {"type":"ticket.commit","now":9007199254740991,"ticket":4294967295,"sessionID":"text"},
  {"type":"ticket.refund","now":9007199254740991,"ticket":4294967295},
  {"type":"prompt.kept","now":9007199254740991,"ticket":4294967295,"partID":"text","sessionID":"text","callerID":"text","callerAgent":"text","agent":"text","background":true,"parts":[{"type":"text","id":""},{"type":"text","id":"prt_1","text":"text"}],"system":"text","model":{"providerID":"text","modelID":"text"},"variant":"text","limits":{"timeout_ms":9007199254740991,"max_tokens":9007199254740991,"max_cost":0.25,"max_steps":9007199254740991},"permission":[{"permission":"","pattern":"","action":"allow"},{"permission":"text","pattern":"text","action":"deny"}],"seed":"text","process":"text","sent_elsewhere":true,"first":true},
  {"type":"prompt.sent","now":9007199254740991,"sessionID":"text","prompt_no":4294967295,"attempt":4294967295},
  {"type":"prompt.accepted","now":9007199254740991,"sessionID":"text","prompt_no":4294967295,"attempt":4294967295},
  {"type":"prompt.answered","now":9007199254740991,"sessionID":"text","prompt_no":4294967295,"attempt":4294967295},
  {"type":"prompt.failed","now":9007199254740991,"sessionID":"text","prompt_no":4294967295,"attempt":4294967295,"failure":{"kind":"host","name":"text","message":"text","retryable":true},"live":true,"jitter":0.5},
  {"type":"prompt.cancelled","now":9007199254740991,"sessionID":"text","prompt_no":4294967295,"attempt":4294967295},
  {"type":"session.aborted","now":9007199254740991,"sessionID":"text"},
  {"type":"session.cancelled","now":9007199254740991,"sessionID":"text","callerID":"text"},
  {"type":"session.prompted","now":9007199254740991,"sessionID":"text","messageID":"text","synthetic":true,"result":"text","wakes":true},
  {"type":"call.queued","now":9007199254740991,"sessionID":"text","callerID":"text","messageID":"text","callID":"text","joins":true,"runs":true},
  {"type":"call.ended","now":9007199254740991,"sessionID":"text","callerID":"text","messageID":"text","callID":"text"},
  {"type":"clock.set_back","now":9007199254740991},
  {"type":"call.recovered","now":9007199254740991,"sessionID":"text","callerID":"text","agent":"text","description":"text","name":"text","background":true},
  {"type":"record.stored","now":9007199254740991,"sessionID":"text"},
  {"type":"record.failed","now":9007199254740991,"sessionID":"text"},
  {"type":"task.delivered","now":9007199254740991,"sessionID":"text","prompt_no":4294967295,"messageID":"text","delivered":true},
]

export const ofFailure: Failure[] = [
  {"kind":"host","name":"","message":""},
  {"kind":"stalled","after_ms":0},
  {"kind":"retrying","message":""},
  {"kind":"lost"},
  {"kind":"connection","message":""},
  {"kind":"prepare","message":""},
  {"kind":"empty"},
  {"kind":"host","name":"text","message":"text","retryable":true},
  {"kind":"stalled","after_ms":9007199254740991},
  {"kind":"retrying","message":"text"},
  {"kind":"lost"},
  {"kind":"connection","message":"text"},
  {"kind":"prepare","message":"text"},
  {"kind":"empty"},
]

export const ofSteering: Steering[] = [
  {"action":"send","sessionID":"","messageID":"","text":"","answer":""},
  {"action":"refuse","message":""},
  {"action":"send","sessionID":"text","messageID":"text","text":"text","answer":"text"},
  {"action":"refuse","message":"text"},
]
