/** What a route did, counted by channel. */
export interface RouteCounts {
  /** Messages that it gave to the channel; again for each time a message is given to one. */
  given: number;
  /** Of these, to a fallback, since no target could be used or had not refused the message. */
  fallback: number;
  /** Of these, while a target was disabled or its link stayed down, so that others took its part. */
  standIn: number;
  /** Messages that the channel refused and another one of the route may take. */
  passedOn: number;
  /** Messages that the channel refused as the last one of the route: they failed. */
  deadEnds: number;
}

/** Whose counts they are. */
export interface RouteFigureKey {
  /** Null: no route fits, and the default channel takes the message. */
  routeId: number | null;
  channelId: number;
}

export type RouteFigure = RouteFigureKey & RouteCounts;

export const NO_COUNTS: Readonly<RouteCounts> = { given: 0, fallback: 0, standIn: 0, passedOn: 0, deadEnds: 0 };

/** How long counts of an hour are kept. */
export const ROUTE_FIGURES_KEPT_MS = 32 * 24 * 3_600_000;

/** What a carrier's "not over me" meant for a message, by the routes as they stood. */
export interface NotOverMe {
  /** Null: no route fits. */
  routeId: number | null;
  /** Whether another channel of the route may take it. */
  passedOn: boolean;
}
