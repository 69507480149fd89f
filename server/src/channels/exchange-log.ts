import type { Exchange } from '../domain/exchange.ts';

/** Where a channel notes what it exchanges with its carrier. Noting never waits and never fails. */
export interface ExchangeLog {
  add(exchange: Exchange): void;
}
