import type { Category } from './category.ts';
import { countryOf } from './recipient.ts';
import type { Route, Target } from './route.ts';
import { stickyTarget } from './sticky.ts';

/** The channels that messages of one way may take: routes that name the same ones share a line. */
export interface Line {
  /** The same for the same channels, wherever and whenever it is made. */
  readonly key: string;
  /** Empty: the default line, whose channel is the lowest enabled one. */
  readonly targets: readonly Target[];
  /** Used while none of the targets is usable. */
  readonly fallback: readonly number[];
  /** Whether it carries those recipients of a sticky route whose target it names. */
  readonly sticky: boolean;
}

/** What no route fits goes over the lowest enabled channel. */
export const DEFAULT_LINE: Line = { key: 'default', targets: [], fallback: [], sticky: false };

/** What a route asks of a message. */
export interface RouteFacts {
  businessId: number;
  category: Category;
  recipient: number;
}

/** Why a route does not fit a message: the first of its conditions that it misses. */
export const MISFITS = ['disabled', 'business', 'category', 'country', 'prefix'] as const;
export type Misfit = (typeof MISFITS)[number];

/** Null when the route fits. */
export function misfitOf(route: Route, { businessId, category, recipient }: RouteFacts): Misfit | null {
  if (!route.enabled) return 'disabled';
  if (route.businesses.length > 0 && !route.businesses.includes(businessId)) return 'business';
  if (route.categories.length > 0 && !route.categories.includes(category)) return 'category';
  if (route.countries.length > 0 && !route.countries.includes(countryOf(recipient) ?? '')) return 'country';
  const digits = String(recipient);
  if (route.prefixes.length > 0 && !route.prefixes.some((prefix) => digits.startsWith(prefix))) return 'prefix';
  return null;
}

/** The routes, made ready to be asked for every message. */
export class RouteTable {
  readonly #routes: readonly Route[];
  /** Channels that sticky routes leave out. */
  readonly #out: ReadonlySet<number>;
  readonly #lines = new Map<string, Line>([[DEFAULT_LINE.key, DEFAULT_LINE]]);
  readonly #linesOfRoute = new Map<number, readonly Line[]>();
  /** Businesses that routes name; all others are alike. */
  readonly #named: ReadonlySet<number>;
  readonly #choices = new Map<string, Choice>();

  /**
   * @param routes in their order
   * @param out channels that are not to be used now: sticky routes choose among their other targets, if there are any
   */
  constructor(routes: readonly Route[], out: ReadonlySet<number> = new Set()) {
    this.#routes = routes.filter(({ enabled }) => enabled);
    this.#out = out;
    this.#named = new Set(this.#routes.flatMap(({ businesses }) => businesses));
    for (const route of this.#routes) this.#linesOfRoute.set(route.id, this.#linesFor(route));
  }

  /** Whether everything goes by the default line. */
  get empty(): boolean {
    return this.#routes.length === 0;
  }

  /** Whether a channel is not to be used now. */
  isOut(channelId: number): boolean {
    return this.#out.has(channelId);
  }

  /** Every line, the default one first. */
  get lines(): readonly Line[] {
    return [...this.#lines.values()];
  }

  /** The line of a key; null when no route has it any more. */
  line(key: string): Line | null {
    return this.#lines.get(key) ?? null;
  }

  /** Whether a sticky route names a channel: then lines change when it is not to be used any more, or again. */
  sticksTo(channelId: number): boolean {
    return this.#routes.some(
      ({ sticky, targets }) => sticky && targets.some((target) => target.channelId === channelId),
    );
  }

  /** The first route that fits; null when none does. */
  routeOf({ businessId, category, recipient }: RouteFacts): Route | null {
    return this.#choice(businessId, category).routeOf(recipient);
  }

  /** The route that all messages of a business and category go by; undefined when that depends on the recipient. */
  onlyRouteOf(businessId: number, category: Category): Route | null | undefined {
    return this.#choice(businessId, category).only;
  }

  /** The lines that messages of a business and category may go by. One only: it does not depend on the recipient. */
  linesOf(businessId: number, category: Category): readonly Line[] {
    return this.#choice(businessId, category).lines;
  }

  /** The line of a message. `tried`: channels of a sticky route that are left out as well. */
  lineOf(facts: RouteFacts, tried: readonly number[] = []): Line {
    if (this.empty) return DEFAULT_LINE;
    const { businessId, category, recipient } = facts;
    const choice = this.#choice(businessId, category);
    if (choice.lines.length === 1 && tried.length === 0) return choice.lines[0]!;
    const route = choice.routeOf(recipient);
    if (route === null) return DEFAULT_LINE;
    const lines = this.#linesOfRoute.get(route.id)!;
    if (!route.sticky) return lines[0]!;
    let targets = this.#inUse(route);
    const untried = targets.filter(({ channelId }) => !tried.includes(channelId));
    if (untried.length > 0) targets = untried;
    const { channelId } = stickyTarget(targets, businessId, recipient);
    return lines.find((line) => line.targets[0]!.channelId === channelId)!;
  }

  /** The line by which all these messages go; null when they go by several. */
  lineOfAll(businessId: number, category: Category, recipients: readonly number[]): Line | null {
    if (this.empty) return DEFAULT_LINE;
    const { lines } = this.#choice(businessId, category);
    if (lines.length === 1) return lines[0]!;
    let line: Line | null = null;
    for (const recipient of recipients) {
      const own = this.lineOf({ businessId, category, recipient });
      line ??= own;
      if (own !== line) return null;
    }
    return line;
  }

  #inUse({ targets }: Route): Target[] {
    const inUse = targets.filter(({ channelId }) => !this.#out.has(channelId));
    return inUse.length > 0 ? inUse : [...targets];
  }

  #linesFor(route: Route): readonly Line[] {
    const targets = [...route.targets].sort((a, b) => a.channelId - b.channelId);
    const { fallback, sticky } = route;
    const names = targets.map(({ channelId, weight }) => `${channelId}*${weight}`).join(',');
    const key = `${sticky ? '~' : ''}${names}${fallback.length > 0 ? `>${fallback.join(',')}` : ''}`;
    if (!sticky) return [this.#lineFor({ key, targets, fallback, sticky })];
    return targets.map((target) =>
      this.#lineFor({ key: `${key}@${target.channelId}`, targets: [target], fallback, sticky }),
    );
  }

  #lineFor(line: Line): Line {
    const known = this.#lines.get(line.key);
    if (known !== undefined) return known;
    this.#lines.set(line.key, line);
    return line;
  }

  #choice(businessId: number, category: Category): Choice {
    const key = this.#named.has(businessId) ? `${category} ${businessId}` : category;
    let choice = this.#choices.get(key);
    if (choice === undefined) {
      const fitting = this.#routes.filter(
        ({ businesses, categories }) =>
          (businesses.length === 0 || businesses.includes(businessId)) &&
          (categories.length === 0 || categories.includes(category)),
      );
      choice = new Choice(fitting, (route) => {
        const inUse = new Set(this.#inUse(route).map(({ channelId }) => channelId));
        const lines = this.#linesOfRoute.get(route.id)!;
        return route.sticky ? lines.filter(({ targets }) => inUse.has(targets[0]!.channelId)) : lines;
      });
      this.#choices.set(key, choice);
    }
    return choice;
  }
}

/** What is left to decide for a business and category: by the recipient. */
class Choice {
  /** Those that may fit: none behind the first that asks nothing of a recipient. */
  readonly #routes: readonly Route[];
  /** The first route that asks for a country and no prefix, by country. */
  readonly #byCountry = new Map<string, number>();
  /** Routes that ask for a prefix, by the prefix as a number, in their order. */
  readonly #byPrefix = new Map<number, { at: number; countries: ReadonlySet<string> | null }[]>();
  /** Lengths of the prefixes. */
  readonly #lengths: number[];
  /** The first route that asks nothing of a recipient; beyond the last when there is none. */
  readonly #last: number;
  readonly #asksCountry: boolean;
  readonly lines: readonly Line[];
  /** What every recipient gets; undefined when they do not get the same. */
  readonly only: Route | null | undefined;

  constructor(fitting: readonly Route[], linesOf: (route: Route) => readonly Line[]) {
    const last = fitting.findIndex(({ countries, prefixes }) => countries.length === 0 && prefixes.length === 0);
    this.#last = last === -1 ? fitting.length : last;
    this.#routes = fitting.slice(0, this.#last + 1);
    const lengths = new Set<number>();
    for (let at = 0; at < this.#last; at++) {
      const { countries, prefixes } = fitting[at]!;
      if (prefixes.length === 0) {
        for (const country of countries) if (!this.#byCountry.has(country)) this.#byCountry.set(country, at);
      }
      for (const prefix of prefixes) {
        lengths.add(prefix.length);
        const entry = { at, countries: countries.length === 0 ? null : new Set(countries) };
        const entries = this.#byPrefix.get(Number(prefix));
        if (entries === undefined) this.#byPrefix.set(Number(prefix), [entry]);
        else entries.push(entry);
      }
    }
    this.#lengths = [...lengths];
    this.#asksCountry = this.#routes.some(({ countries }) => countries.length > 0);
    this.only = this.#last === 0 ? (this.#routes[0] ?? null) : undefined;
    const lines = new Set(this.#routes.flatMap(linesOf));
    if (last === -1) lines.add(DEFAULT_LINE);
    this.lines = [...lines];
  }

  routeOf(recipient: number): Route | null {
    let first = this.#last;
    const country = this.#asksCountry ? (countryOf(recipient) ?? '') : '';
    first = Math.min(first, this.#byCountry.get(country) ?? first);
    if (this.#lengths.length > 0) {
      const digits = String(recipient);
      for (const length of this.#lengths) {
        for (const { at, countries } of this.#byPrefix.get(Number(digits.slice(0, length))) ?? []) {
          if (at >= first) break;
          if (countries !== null && !countries.has(country)) continue;
          first = at;
          break;
        }
      }
    }
    return this.#routes[first] ?? null;
  }
}

/** Channels that take messages of a line now: usable targets, or else the first usable fallback. */
export function channelsInUse(
  line: Pick<Line, 'targets' | 'fallback'>,
  usable: (channelId: number) => boolean,
): readonly Target[] {
  const targets = line.targets.every(({ channelId }) => usable(channelId))
    ? line.targets
    : line.targets.filter(({ channelId }) => usable(channelId));
  if (targets.length > 0) return targets;
  const channelId = line.fallback.find(usable);
  return channelId === undefined ? [] : [{ channelId, weight: 1 }];
}
