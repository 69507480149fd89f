import type { Category } from '../domain/category.ts';
import type { Route } from '../domain/route.ts';
import { NO_COUNTS, type NotOverMe, type RouteFigure } from '../domain/route-figure.ts';
import { RouteTable } from '../domain/route-table.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics, Sample } from '../lib/metrics.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { OpenedMessages } from '../store/store.ts';

const WRITE_EVERY_MS = 5_000;

type Counted = Pick<OpenedMessages, 'businessIds' | 'recipients'>;

/**
 * Counts what routes do: additions in memory for each batch, and every few seconds a row for each route and channel. A
 * process counts what its own channels are given; the store adds up those of all. What was counted since the last writing
 * is lost when a process is killed.
 */
export class RouteMeter implements Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #usable: (channelId: number) => boolean;
  /** By id; also of routes that are disabled now, since their counts are still shown. */
  #names: ReadonlyMap<number, string> = new Map();
  #table = new RouteTable([]);
  /** Routes may have changed. */
  #stale = true;
  /** Since this process began, and what of it is written. By route and channel. */
  readonly #counts = new Map<string, RouteFigure>();
  #unwritten = new Map<string, RouteFigure>();
  #timer: Timer | null = null;
  #writing: Promise<void> | null = null;
  #stopped = false;

  /** @param usable whether a channel may be used, in whatever process it runs */
  constructor(deps: {
    desk: Desk;
    clock: Clock;
    log: Logger;
    metrics: Metrics;
    usable: (channelId: number) => boolean;
  }) {
    this.#desk = deps.desk;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#usable = deps.usable;
    deps.desk.onNotice(({ kind }) => {
      if (kind !== 'routesChanged' && kind !== 'missed') return;
      this.#stale = true;
      void this.#follow();
    });
    this.#show(deps.metrics);
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#follow();
    this.#writeLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
  }

  /** A channel was given messages of a lane. */
  given(channelId: number, lane: Category, { businessIds, recipients }: Counted): void {
    const table = this.#table;
    let businessId = Number.NaN;
    let only: Route | null | undefined;
    let last: Route | null = null;
    let run = 0;
    for (let i = 0; i < recipients.length; i++) {
      if (businessIds[i] !== businessId) {
        businessId = businessIds[i]!;
        only = table.empty ? null : table.onlyRouteOf(businessId, lane);
      }
      const route =
        only === undefined ? table.routeOf({ businessId, category: lane, recipient: recipients[i]! }) : only;
      if (route === last) {
        run++;
        continue;
      }
      this.#given(last, channelId, run);
      last = route;
      run = 1;
    }
    this.#given(last, channelId, run);
  }

  /** A channel refused messages that others may take. */
  notOverMe(channelId: number, refused: readonly NotOverMe[]): void {
    for (const { routeId, passedOn } of refused) {
      this.#add({ ...NO_COUNTS, routeId, channelId, [passedOn ? 'passedOn' : 'deadEnds']: 1 });
    }
  }

  #given(route: Route | null, channelId: number, given: number): void {
    if (given === 0) return;
    if (route === null) {
      this.#add({ ...NO_COUNTS, routeId: null, channelId, given });
      return;
    }
    const { id: routeId, targets, fallback } = route;
    const isTarget = targets.some((target) => target.channelId === channelId);
    const hasGap = targets.some((target) => target.channelId !== channelId && !this.#usable(target.channelId));
    this.#add({
      ...NO_COUNTS,
      routeId,
      channelId,
      given,
      fallback: !isTarget && fallback.includes(channelId) ? given : 0,
      standIn: hasGap ? given : 0,
    });
  }

  #add(figure: RouteFigure): void {
    addTo(this.#counts, figure);
    addTo(this.#unwritten, figure);
  }

  async #follow(): Promise<void> {
    if (!this.#stale) return;
    this.#stale = false;
    try {
      const routes = await this.#desk.ask('listRoutes', {});
      this.#names = new Map(routes.map(({ id, name }) => [id, name]));
      this.#table = new RouteTable(routes);
    } catch (error) {
      this.#stale = true;
      logFailure(this.#log, error, 'routes could not be read for counting');
    }
  }

  #writeLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#writing = this.#write().finally(() => {
        this.#writing = null;
        this.#writeLater();
      });
    }, WRITE_EVERY_MS);
  }

  async #write(): Promise<void> {
    await this.#follow();
    if (this.#unwritten.size === 0) return;
    const counted = this.#unwritten;
    this.#unwritten = new Map();
    try {
      await this.#desk.do('countRoutes', { figures: [...counted.values()] });
    } catch (error) {
      for (const figure of counted.values()) addTo(this.#unwritten, figure);
      logFailure(this.#log, error, 'what routes did could not be written yet');
    }
  }

  #show(metrics: Metrics): void {
    const samples = (
      read: (figure: RouteFigure) => Iterable<readonly [labels: Record<string, string>, value: number]>,
    ) =>
      [...this.#counts.values()].flatMap((figure): Sample[] =>
        [...read(figure)].map(([labels, value]) => ({
          labels: { route: this.#nameOf(figure.routeId), channel: String(figure.channelId), ...labels },
          value,
        })),
      );
    metrics.counters(
      'signet_route_messages_total',
      'Messages that a route gave to a channel; no route: none fits.',
      () =>
        samples(({ routeId, given, fallback }) =>
          routeId === null
            ? [[{ as: 'default' }, given]]
            : [
                [{ as: 'target' }, given - fallback],
                [{ as: 'fallback' }, fallback],
              ],
        ),
    );
    metrics.counters(
      'signet_route_failovers_total',
      'Messages that went over another channel of their route: given to it while a target was down, or refused by it.',
      () =>
        samples(({ standIn, passedOn }) => [
          [{ cause: 'down' }, standIn],
          [{ cause: 'refused' }, passedOn],
        ]),
    );
    metrics.counters('signet_route_dead_ends_total', 'Messages that every channel of their route refused.', () =>
      samples(({ deadEnds }) => [[{}, deadEnds]]),
    );
  }

  /** Of a route that is gone, its id. */
  #nameOf(routeId: number | null): string {
    if (routeId === null) return '';
    return this.#names.get(routeId) ?? String(routeId);
  }
}

function addTo(counts: Map<string, RouteFigure>, figure: RouteFigure): void {
  const key = `${figure.routeId} ${figure.channelId}`;
  const sum = counts.get(key);
  if (sum === undefined) {
    counts.set(key, { ...figure });
    return;
  }
  sum.given += figure.given;
  sum.fallback += figure.fallback;
  sum.standIn += figure.standIn;
  sum.passedOn += figure.passedOn;
  sum.deadEnds += figure.deadEnds;
}
