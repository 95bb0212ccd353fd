/**
 * @param {string} text
 * @param {string} worktree where paths begin
 * @param {Set<string>} agents
 * @returns {Promise<{ type: string, [field: string]: unknown }[]>}
 */
export declare function partsOf(text: string, worktree: string, agents: Set<string>): Promise<{
    type: string;
    [field: string]: unknown;
}[]>;
