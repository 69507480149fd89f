import { CATEGORIES, type Category } from '../domain/category.ts';
import { channelsOfRoute, type Route, type Target } from '../domain/route.ts';
import { channelsInUse, DEFAULT_LINE, type Line, RouteTable } from '../domain/route-table.ts';
import { dispatchQueue } from '../domain/task.ts';
import type { Desk } from '../services/desk.ts';

/** How channels stand. */
export interface ChannelStandings {
  /** The channel of messages that no route fits; null while there is none. */
  defaultChannel(): number | null;
  /** Whether a channel takes tasks at all. */
  runs(channelId: number): boolean;
  /** Whether messages may wait for a channel, as of the last look. */
  usable(channelId: number): boolean;
  /** Looks how the links stand. */
  look(): void;
}

/** What was found when the routes and their channels were looked at. */
export interface Followed {
  /** Messages may go by other lines than before. */
  linesChanged: boolean;
  /** Channels came or went. */
  channelsChanged: boolean;
}

/** The lines that the routes make, and which channels take the messages of each now. */
export class LineChannels {
  readonly #desk: Desk;
  readonly #channels: ChannelStandings;
  readonly #paused: (queue: string) => boolean;
  #routes: readonly Route[] = [];
  #table = new RouteTable([]);
  /** Channels that they name. */
  #named: readonly number[] = [];
  /** Routes may have changed. */
  #stale = true;
  /** Channels of routes that are not usable. */
  #down: ReadonlySet<number> = new Set();
  /** The default channel as a target. */
  #default: readonly Target[] = [];

  /** @param paused whether a queue stands still */
  constructor(desk: Desk, channels: ChannelStandings, paused: (queue: string) => boolean) {
    this.#desk = desk;
    this.#channels = channels;
    this.#paused = paused;
  }

  /** As of the last {@link renew}. */
  get table(): RouteTable {
    return this.#table;
  }

  /** Whether routes may have changed since they were read. */
  get stale(): boolean {
    return this.#stale;
  }

  routesChanged(): void {
    this.#stale = true;
  }

  /** Reads routes that may have changed, and looks how the channels stand that they name. */
  async follow(): Promise<Followed> {
    let linesChanged = false;
    if (this.#stale) {
      this.#stale = false;
      try {
        this.#routes = (await this.#desk.ask('listRoutes', {})).filter(({ enabled }) => enabled);
      } catch (error) {
        this.#stale = true;
        throw error;
      }
      this.#named = [...new Set(this.#routes.flatMap(channelsOfRoute))];
      linesChanged = this.#routes.length > 0 || !this.#table.empty;
    }
    if (this.#named.length === 0) {
      this.#down = new Set();
      return { linesChanged, channelsChanged: false };
    }
    this.#channels.look();
    const changed = this.#named.filter((id) => this.#channels.usable(id) === this.#down.has(id));
    if (changed.length > 0) this.#down = new Set(this.#named.filter((id) => !this.#channels.usable(id)));
    // Recipients of a sticky route change their lines with its channels.
    linesChanged ||= changed.some((id) => this.#table.sticksTo(id));
    return { linesChanged, channelsChanged: changed.length > 0 };
  }

  /** Makes the lines anew of what was found last. */
  renew(): void {
    this.#table = new RouteTable(this.#routes, this.#down);
  }

  /** The channels that take messages of a line and lane now: one whose queue stands still is left out, as if it were down. */
  inUse(line: Line, lane: Category): readonly Target[] {
    const moves = (channelId: number) => !this.#paused(dispatchQueue(channelId, lane));
    if (line !== DEFAULT_LINE)
      return channelsInUse(line, (channelId) => this.#channels.usable(channelId) && moves(channelId)).filter(
        ({ channelId }) => moves(channelId),
      );
    const channelId = this.#channels.defaultChannel();
    if (channelId === null || !moves(channelId)) return [];
    if (this.#default[0]?.channelId !== channelId) this.#default = [{ channelId, weight: 1 }];
    return this.#default;
  }

  /** Those of all lines. */
  allInUse(lane: Category): number[] {
    const inUse = new Set<number>();
    for (const line of this.#table.lines) for (const { channelId } of this.inUse(line, lane)) inUse.add(channelId);
    return [...inUse];
  }

  /** Whether messages of a line go where its routes say: while a sticky target is down, each recipient has another. */
  goesAsRouted(line: Line): boolean {
    return !line.sticky || this.#channels.usable(line.targets[0]!.channelId);
  }

  runs(channelId: number): boolean {
    return this.#channels.runs(channelId);
  }

  /** Whether routes name a channel that is not usable. */
  isDown(channelId: number): boolean {
    return this.#down.has(channelId);
  }

  /** Whether others may take what waits for a channel. */
  hasOthers(channelId: number): boolean {
    return this.#table.lines.some(
      (line) =>
        (line.targets.some((target) => target.channelId === channelId) || line.fallback.includes(channelId)) &&
        (line.sticky ||
          CATEGORIES.some((lane) => this.inUse(line, lane).some((target) => target.channelId !== channelId))),
    );
  }

  /** Whether a channel that a message is bound to can be handed it. */
  mayUse(channelId: number, lane: Category): boolean {
    if (this.#paused(dispatchQueue(channelId, lane))) return false;
    return this.#channels.runs(channelId) && !this.#down.has(channelId);
  }
}

/** A line without the channels that have refused a message; as it is when all of them have. */
export function withoutRefusing(line: Line, refusedBy: readonly number[]): Line {
  if (refusedBy.length === 0 || line === DEFAULT_LINE) return line;
  const targets = line.targets.filter(({ channelId }) => !refusedBy.includes(channelId));
  const fallback = line.fallback.filter((channelId) => !refusedBy.includes(channelId));
  return targets.length + fallback.length === 0 ? line : { ...line, targets, fallback };
}
