// The parts of the context of a terminal plugin that this package uses (OpenCode 2.0.14, `@opencode/plugin/tui`).

/**
 * @typedef {{ type: string, data: any, created: number, location?: { directory: string } }} HostEvent
 * @typedef {{ mode?: "global" | "modal", commands: { id?: string, bind?: string, title: string, description?: string, group?: string, palette?: boolean, slash?: { name: string }, run: () => unknown }[] }} Layer
 * @typedef {{
 *   readonly location?: { directory: string },
 *   client: Record<string, any>,
 *   data: { listen: (hear: (event: { details: HostEvent }) => void) => () => void, location: { model: { list: (location: { directory?: string }) => any[] | undefined, sync: (location: { directory?: string }) => Promise<unknown> } } },
 *   theme: any,
 *   renderer: import("@opencode-ai/plugin/tui").TuiPluginApi["renderer"],
 *   keymap: { layer: (make: () => Layer) => void, mode?: { current: () => string } },
 *   storage: { store: (name: string, options: { initial: Record<string, unknown> }) => [Record<string, unknown>, (change: (values: Record<string, unknown>) => void) => Promise<unknown>] },
 *   ui: {
 *     dialog: { show: (make: () => any, onClose?: () => void) => void, set: (look: { size: "medium" | "large" | "xlarge" }) => void, clear: () => void },
 *     toast: { show: (toast: object) => void },
 *     router: { current: () => { type: string, sessionID?: string }, navigate: (route: { type: string, sessionID: string }) => void },
 *     slot: (claim: { append?: string, prepend?: string, render: (input: any) => any }) => unknown,
 *   },
 * }} Context
 */

export {}
