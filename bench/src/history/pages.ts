import { carrierIdOf } from './reports.ts';
import { DAY_MS, DAYS, FIRST_NUMBER, FORGOTTEN_DAYS, HOT_NUMBER, idAt, NUMBERS } from './shape.ts';

/** One kind of page, asked for with other values each time where it has some. */
export interface Page {
  what: string;
  as: 'root' | 'business';
  path: (i: number) => string;
}

/** What may be asked for. */
export interface Facts {
  until: number;
  /** The first has half of all, the last nearly nothing. */
  businesses: readonly number[];
  /** Plans of many messages of the first business. */
  large: readonly { id: number; messages: number }[];
  /** How many reports carriers wrote. */
  reports: number;
}

const STATES = [
  ...[
    'accepted',
    'queued',
    'dispatching',
    'submitted',
    'delivered',
    'undelivered',
    'expired',
    'rejected',
    'unreported',
  ],
  ...['cancelled', 'expired_unsent', 'refused', 'failed', 'uncertain', 'unknown', 'invalid'],
];

/** Every list, search and screen of the console. */
export function pagesOf({ until, businesses, large, reports }: Facts): Page[] {
  const pages: Page[] = [];
  const add = (what: string, path: (i: number) => string, as: 'root' | 'business' | 'both' = 'both') => {
    for (const each of as === 'both' ? (['root', 'business'] as const) : [as]) pages.push({ what, as: each, path });
  };
  const back = (i: number) => until - ((i * 7) % DAYS) * DAY_MS;
  const cursor = (...place: number[]) => Buffer.from(place.join('.')).toString('base64url');
  const time = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const tiny = businesses.at(-1)!;
  // Pages of these are there to the end.
  const kept = large.filter(({ id }) => id >= idAt(until - (DAYS - FORGOTTEN_DAYS - 1) * DAY_MS));
  const planOf = (i: number) => kept[(i * 7) % kept.length]!.id;
  const { id: largest, messages: most } = large.reduce((one, plan) => (plan.messages > one.messages ? plan : one));
  const someNumber = (i: number) => FIRST_NUMBER + ((i * 7_919_777) % NUMBERS);
  const hot = (i: number) => HOT_NUMBER + (i % 1000);

  add('messages, newest', () => '/messages');
  add('messages, a page far back', (i) => `/messages?cursor=${cursor(idAt(back(i)), 0)}`);
  add('messages to a number', (i) => `/messages?to=${someNumber(i)}`);
  add('messages to a number that got very many', (i) => `/messages?to=${hot(i)}`);
  add('messages to a number that got none', (i) => `/messages?to=${8_615_000_000_000 + i}`);
  for (const state of STATES) add(`messages ${state}`, () => `/messages?state=${state}`);
  for (const state of ['submitted', 'delivered', 'failed', 'unknown', 'invalid']) {
    add(`messages ${state}, of a tiny business`, () => `/messages?state=${state}&business_id=${tiny}`, 'root');
    add(`messages ${state}, a page far back`, (i) => `/messages?state=${state}&cursor=${cursor(idAt(back(i)), 0)}`);
    add(
      `messages ${state}, of a day`,
      (i) => `/messages?state=${state}&from=${time(back(i) - DAY_MS)}&until=${time(back(i))}`,
    );
    add(`messages ${state}, of a month`, () => `/messages?state=${state}&from=${time(until - DAYS * DAY_MS)}`);
    add(`messages ${state}, of a large plan`, () => `/messages?plan_id=${largest}&state=${state}`);
  }
  add('messages of a tiny business', () => `/messages?business_id=${tiny}`, 'root');
  add('messages to a number, failed', (i) => `/messages?state=failed&to=${hot(i)}`);
  add('messages to a number, of a tiny business', (i) => `/messages?business_id=${tiny}&to=${hot(i)}`, 'root');
  add(
    'messages to a number, of a day',
    (i) => `/messages?to=${hot(i)}&from=${time(back(i) - DAY_MS)}&until=${time(back(i))}`,
  );
  add('messages of a day', (i) => `/messages?from=${time(back(i) - DAY_MS)}&until=${time(back(i))}`);
  add('messages of a plan', (i) => `/messages?plan_id=${planOf(i)}`);
  add('messages of a plan, unknown', (i) => `/messages?plan_id=${planOf(i)}&state=unknown`);
  add('messages of a large plan, to a number', (i) => `/messages?plan_id=${largest}&to=${someNumber(i)}`);
  add('messages of a plan, in order', (i) => `/plans/${planOf(i)}/messages`);
  add(
    'messages of a large plan, in order, far behind',
    (i) => `/plans/${largest}/messages?cursor=${cursor((i * 7_919) % most)}`,
  );
  add('messages of a large plan, as CSV: the first octets', () => `/plans/${largest}/messages.csv`);
  add('one message', (i) => `/messages/${planOf(i)}${String(i % 1_000).padStart(8, '0')}`);
  add('one message of a large plan', (i) => `/messages/${largest}${String(i % 1_000).padStart(8, '0')}`);

  add('one plan', (i) => `/plans/${planOf(i)}`);
  add('one large plan', () => `/plans/${largest}`);
  add('plans, newest', () => '/plans');
  add('plans, a page far back', (i) => `/plans?cursor=${cursor(idAt(back(i)))}`);
  for (const state of ['pending', 'running', 'paused', 'done', 'cancelled', 'draft']) {
    add(`plans ${state}`, () => `/plans?state=${state}`);
    add(`plans ${state}, of a tiny business`, () => `/plans?state=${state}&business_id=${tiny}`, 'root');
  }

  add('overview', () => '/overview');
  add('figures of a month', () => `/figures?from=${day(until - 29 * DAY_MS)}`);
  add('figures of a month, by all there is', () => {
    return `/figures?from=${day(until - 29 * DAY_MS)}&by=month&group=business,channel,country,category,template`;
  });
  add('figures of two days, by the hour', () => `/figures?from=${day(until - DAY_MS)}&by=hour`);

  add('statement', () => '/statement', 'business');
  add('statement, a page far back', (i) => `/statement?cursor=${cursor(idAt(back(i)))}`, 'business');
  add("a business's statement", () => `/businesses/${businesses[0]}/statement`, 'root');
  add(
    'statement of a month, as CSV: the first octets',
    () => `/statement.csv?month=${day(until).slice(0, 7)}`,
    'business',
  );

  add('events', (i) => `/events?after=${idAt(back(i))}`);
  add('events of a kind that is rare', () => '/events?kind=webhook.changed');
  add('events of a state that is rare', () => '/events?kind=message.state&state=unknown');
  add('events after the last', () => `/events?after=${idAt(until + DAY_MS)}`);
  add('deliveries', () => '/webhooks/1/deliveries');
  for (const state of ['dead', 'waiting']) add(`deliveries ${state}`, () => `/webhooks/1/deliveries?state=${state}`);

  const someReport = (i: number) => carrierIdOf((i * 7_919_777) % reports);
  add('reports by id', (i) => `/reports?carrier_id=${someReport(i)}`, 'root');
  add('reports by an id there is none of', (i) => `/reports?carrier_id=none-${i}`, 'root');
  add('reports on a number', (i) => `/reports?to=${someNumber(i)}`, 'root');
  add('reports on a number that got very many', (i) => `/reports?to=${hot(i)}`, 'root');
  add('reports on a number that got none', (i) => `/reports?to=${8_615_000_000_000 + i}`, 'root');
  add(
    'reports on a number, of a day',
    (i) => `/reports?to=${hot(i)}&from=${time(back(i) - DAY_MS)}&until=${time(back(i))}`,
    'root',
  );
  add('orphan reports', () => '/orphan-reports', 'root');

  add('inbound', () => '/inbound');
  add('inbound, a page far back', (i) => `/inbound?cursor=${cursor(idAt(back(i)))}`);
  add('inbound, opt-outs', () => '/inbound?kind=opt-out');
  add('inbound, of a kind there is none of', () => '/inbound?kind=keyword');
  add('inbound from a number', (i) => `/inbound?from=${someNumber(i)}`);
  add("inbound, nobody's", () => '/inbound?unmatched=yes', 'root');
  add('opt-outs', () => `/opt-outs?business_id=${businesses[0]}`, 'root');
  add('opt-outs, the own', () => '/opt-outs', 'business');
  add('opt-outs, one number', () => `/opt-outs/${FIRST_NUMBER}`, 'business');

  add('audit log', () => '/audit');
  add('audit log, of a tiny business', () => `/audit?business_id=${tiny}`, 'root');
  add('audit log, an action that is rare', () => '/audit?action=plan.cancel');
  add('audit log, an action that nobody did', () => '/audit?action=route.delete');
  add('audit log of a day', (i) => `/audit?from=${time(back(i) - DAY_MS)}&to=${time(back(i))}`);
  add('audit log, an object', (i) => `/audit?object=template&object_id=${i}`);
  add('audit log, a member', (i) => `/audit?member_id=${1 + i}`);

  add('tasks', () => '/tasks', 'root');
  for (const state of ['scheduled', 'running', 'succeeded', 'failed', 'revoked']) {
    add(`tasks ${state}`, () => `/tasks?state=${state}`, 'root');
  }
  add('tasks, searched', () => '/tasks?search=away', 'root');
  add('tasks, searched for what there is none of', () => '/tasks?search=zebra', 'root');
  add('tasks of a chore', () => '/tasks?name=ledger', 'root');
  add('queues', () => '/queues', 'root');
  add('workers', () => '/workers', 'root');
  add('system', () => '/system', 'root');
  add('businesses', () => '/businesses', 'root');
  add('channels', () => '/channels', 'root');
  add('review queue', () => '/review-queue', 'root');

  // What is small however long the history: these have to stay so beside it.
  for (const list of ['templates', 'signatures', 'members', 'api-keys', 'webhooks', 'inbound-numbers', 'keywords']) {
    add(list, () => `/${list}`);
  }
  for (const list of ['invites', 'routes', 'routes/figures', 'prices', 'settings', 'opt-words']) {
    add(list, () => `/${list}`, 'root');
  }
  add('one business', (i) => `/businesses/${businesses[i % businesses.length]}`, 'root');
  add('balance', () => '/balance', 'business');
  add('one channel', () => '/channels/1', 'root');
  add('how a channel does', () => '/channels/1/facts', 'root');
  add('what a channel costs', () => '/channels/1/costs', 'root');
  add('how long a queue was', () => '/queues/webhooks/history', 'root');
  add('figures of a month, as CSV: the first octets', () => `/figures.csv?from=${day(until - 29 * DAY_MS)}`);

  add('live, of everything: the first octets', () => '/live?topics=messages,plans,channels,overview,tasks', 'root');
  add('live, of messages and plans: the first octets', () => '/live?topics=messages,plans', 'business');
  add(
    'live, of somebody who comes back: the first octets',
    () => `/live?topics=messages,plans&last_event_id=${idAt(until - 60_000)}`,
  );
  return pages;
}
