/** Which template a content says, so that a channel can name it in a carrier's words. Older contents do not know. */
export const contentTemplate = `
ALTER TABLE content ADD COLUMN template_id INTEGER;
`;
