/** The row of `installation` that says how far a move has come; a store without it is whole. */
export const MOVING = 'moving';
