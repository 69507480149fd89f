import type { Category } from '../domain/category.ts';
import { DEFAULT_LINE, type Line, type RouteTable } from '../domain/route-table.ts';
import type { Clock } from '../lib/clock.ts';
import type { OpenPlan, PlanPlace } from '../store/store.ts';
import { FairLane, type RestsOf } from './fair-lane.ts';
import { LineFlow } from './line-flow.ts';

/** New plans remembered while older ones are being listed. */
const MAX_HEARD = 20_000;

/** What waits in a lane for one line. */
export interface Way {
  readonly line: Line;
  readonly fair: FairLane;
  readonly flow: LineFlow;
}

/** One lane's plans by line, and how far they have been listed. A plan stands in each line it may concern. */
export class Lane {
  readonly #category: Category;
  readonly #table: RouteTable;
  readonly #weights: ReadonlyMap<number, number>;
  readonly #rests: RestsOf | null;
  readonly #clock: Clock;
  /** Plans up to this id may have been begun. */
  readonly #bornBefore: number;
  /** Those that were served last stand last. */
  readonly #ways = new Map<Line, Way>();
  /** Running plans up to this place are known; null: none yet. */
  listedTo: PlanPlace | null = null;
  /** The store has no running plan beyond, and notices tell of each new one. */
  complete = false;
  /** Plans that came while older ones were being listed, by id. */
  readonly heard = new Map<number, { plan: OpenPlan; line: string | undefined }>();
  /** Segments of a message, about: the mean of what was published lately. */
  weight = 1;

  /**
   * @param weights of businesses whose weight is not 1
   * @param bornBefore plans up to this id may have been begun: some of their messages may have been sent
   */
  constructor(deps: {
    category: Category;
    table: RouteTable;
    weights: ReadonlyMap<number, number>;
    rests: RestsOf | null;
    clock: Clock;
    bornBefore: number;
  }) {
    this.#category = deps.category;
    this.#table = deps.table;
    this.#weights = deps.weights;
    this.#rests = deps.rests;
    this.#clock = deps.clock;
    this.#bornBefore = deps.bornBefore;
    this.wayOf(DEFAULT_LINE);
  }

  /** Those of all lines that have been asked for, in the order of their turns. */
  get ways(): Iterable<Way> {
    return this.#ways.values();
  }

  /** A line has had its turn: those of the others come before its next. */
  served(way: Way): void {
    this.#ways.delete(way.line);
    this.#ways.set(way.line, way);
  }

  /** Whether nothing waits that could be given out. */
  get empty(): boolean {
    for (const { fair } of this.#ways.values()) if (!fair.empty) return false;
    return true;
  }

  /** Whether messages of a line wait for their turn, as far as it is known. */
  waiting(line: Line): boolean {
    return !this.complete || this.#ways.get(line)?.fair.empty === false;
  }

  wayOf(line: Line): Way {
    let way = this.#ways.get(line);
    if (way === undefined) {
      const fair = new FairLane(this.#weights, this.#rests, (businessId) => this.#ownOf(businessId, line));
      way = { line, fair, flow: new LineFlow(this.#clock) };
      this.#ways.set(line, way);
    }
    return way;
  }

  /** A plan runs. `line`: the key of the one that all its messages go by, where it is known. */
  add(plan: OpenPlan, line?: string): void {
    if (isBehind(plan, this.listedTo)) this.listedTo = plan;
    const begun = plan.id <= this.#bornBefore;
    const ways = this.#waysOf(plan.businessId);
    const only = line === undefined || ways.length === 1 ? undefined : ways.find((way) => way.line.key === line);
    if (only !== undefined) only.fair.add(plan, begun, true);
    else for (const { fair } of ways) fair.add(plan, begun);
  }

  /** A plan was accepted; while those before it are not all listed yet, it is kept for later. */
  hear(plan: OpenPlan, line?: string): void {
    if (this.complete) this.add(plan, line);
    else if (this.heard.size < MAX_HEARD) this.heard.set(plan.id, { plan, line });
  }

  /** Says that the store has no running plan beyond those that were added, unless too many came meanwhile. */
  listed(): void {
    this.complete = this.heard.size < MAX_HEARD;
    if (this.complete) for (const { plan, line } of this.heard.values()) this.add(plan, line);
    this.heard.clear();
  }

  /** A plan goes on, or more of its messages may be sent. */
  reopen(plan: OpenPlan, range?: { from: number; to: number }): void {
    for (const { fair } of this.#waysOf(plan.businessId)) {
      if (range === undefined) fair.reopen(plan);
      else fair.extend(plan, range);
    }
  }

  stop(planIds: ReadonlySet<number>): void {
    for (const { fair } of this.#ways.values()) fair.stop(planIds);
  }

  weigh(businessId: number): void {
    for (const { fair } of this.#ways.values()) fair.weigh(businessId);
  }

  resume(now: number): void {
    for (const { fair } of this.#ways.values()) fair.resume(now);
  }

  #waysOf(businessId: number): Way[] {
    return this.#table.linesOf(businessId, this.#category).map((line) => this.wayOf(line));
  }

  #ownOf(businessId: number, line: Line): ((recipient: number) => boolean) | null {
    const table = this.#table;
    const category = this.#category;
    if (table.linesOf(businessId, category).length === 1) return null;
    return (recipient) => table.lineOf({ businessId, category, recipient }) === line;
  }
}

/** Whether a plan stands behind a place in the order in which plans expire. */
const isBehind = ({ id, expiresAt }: PlanPlace, place: PlanPlace | null): boolean =>
  place === null || expiresAt > place.expiresAt || (expiresAt === place.expiresAt && id > place.id);
