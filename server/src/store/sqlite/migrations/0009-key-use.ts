/** When an API key was last used. */
export const keyUse = `
ALTER TABLE credential ADD COLUMN last_used_at INTEGER;
`;
