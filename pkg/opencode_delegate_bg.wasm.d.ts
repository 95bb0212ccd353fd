/* tslint:disable */
/* eslint-disable */
export const memory: WebAssembly.Memory;
export const __wbg_core_free: (a: number, b: number) => void;
export const core_apply: (a: number, b: number, c: number) => [number, number, number, number];
export const core_check: (a: number, b: number, c: number) => [number, number];
export const core_decide: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number, k: number) => [number, number];
export const core_new: (a: number, b: number) => [number, number, number];
export const core_notices: (a: number) => [number, number];
export const core_rank: (a: number, b: number, c: number) => [number, number, number, number];
export const core_resolve: (a: number, b: number, c: number) => [number, number, number, number];
export const core_restore: (a: number, b: number, c: number, d: number) => [number, number, number];
export const core_session: (a: number, b: number, c: number) => [number, number];
export const core_sessions: (a: number, b: number, c: number) => [number, number];
export const core_snapshot: (a: number) => [number, number];
export const deriveSessionID: (a: number, b: number, c: number, d: number) => [number, number];
export const evaluatePermission: (a: number, b: number) => [number, number, number, number];
export const hostSettings: (a: number, b: number) => [number, number, number, number];
export const normalizeSlug: (a: number, b: number) => [number, number];
export const ready: () => void;
export const reinit: () => void;
export const rules: () => [number, number];
export const __wbindgen_externrefs: WebAssembly.Table;
export const __wbindgen_malloc: (a: number, b: number) => number;
export const __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
export const __wbindgen_free: (a: number, b: number, c: number) => void;
export const __externref_table_dealloc: (a: number) => void;
export const __wbindgen_start: () => void;
