/** Signatures of the EngageLab dialect may stand in [ ]; what was accepted before has full-width brackets. */
export const engagelab = `
ALTER TABLE content ADD COLUMN brackets INTEGER NOT NULL DEFAULT 0;
`;
