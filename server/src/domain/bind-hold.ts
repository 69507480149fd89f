/**
 * What keeps a bind, or a pool of connections, from sending more at a moment: nothing waits to be sent; its window is
 * full; the rate the channel is held to; the carrier asked for less speed; the carrier does not read; it is not up. The
 * first limit met holds, so at each moment there is one.
 */
export const HOLDS = ['idle', 'window', 'rate', 'throttled', 'socket', 'down'] as const;
export type Hold = (typeof HOLDS)[number];

export const HOLD_CODE = Object.fromEntries(HOLDS.map((hold, code) => [hold, code])) as Readonly<Record<Hold, number>>;
