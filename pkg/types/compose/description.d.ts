export type Place = {
    metadata?: string;
    text?: string;
};
export type ToolDescription = {
    session: string;
    agent: string;
    stand_ins?: Record<string, string>;
    background?: string;
    description?: string;
    prompt?: string;
    permission?: string;
    child: Place;
    task?: Place;
    tasks?: "all" | "background";
    refusals?: string[];
    forgotten?: string;
    unready?: string;
};
export type IDTool = {
    id: string;
    unknown: string;
    over?: string;
    all?: string;
};
export type NicknamesDescription = {
    metadata: string;
    line: string;
};
export type Description = {
    plugin: string;
    tested?: string;
    tools?: Record<string, ToolDescription>;
    readers?: Record<string, IDTool>;
    cancellers?: Record<string, IDTool>;
    title?: string;
    nesting?: "plugin" | "engine";
    swallows_ms?: number;
    rests_ms?: number;
    nicknames?: NicknamesDescription;
    refuses_new?: string;
    withheld?: string[];
};
export type Check = (value: unknown, field: string) => void;
/**
 * A description that holds.
 * @param {Description} given
 * @returns {Description}
 * @throws {DelegateError} `invalid_config`, naming the field at fault
 */
export declare function checkDescription(given: Description): Description;
