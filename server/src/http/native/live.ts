import { Readable } from 'node:stream';
import Type, { type Static } from 'typebox';
import type { Actor } from '../../domain/credential.ts';
import { HOUSE_TOPICS, LIVE_TOPICS, type LiveNews, type LiveTopic } from '../../domain/live.ts';
import { MESSAGE_STATES } from '../../domain/message.ts';
import { must } from '../../domain/refusals.ts';
import type { MemberPermission } from '../../domain/role.ts';
import { type Clock, isoTime, type Timer } from '../../lib/clock.ts';
import type { HttpDeps } from '../deps.ts';
import { FactsBody, factsView } from './channel-facts.ts';
import { type Endpoint, streamEndpoint } from './endpoint.ts';
import { EventBody, eventView } from './events.ts';
import { businessQuery, Count, closed, IdText, Time, word } from './fields.ts';
import { PlanBody, planView } from './plans.ts';
import { QueueBody, queueView, WorkerBody, workerView } from './queues.ts';
import { scopeOf } from './scope.ts';
import { TaskBody, taskView } from './tasks.ts';

/** A comment is sent this often when nothing is told, so that proxies keep the connection and its end is noticed. */
const BEAT_EVERY_MS = 15_000;
/** Whether somebody may still follow is asked this often. */
const ADMIT_EVERY_MS = 30_000;
/** Octets that wait for a slow reader; with more, the stream is cut, and they come back when they can. */
const MAX_WAITING = 256 << 10;
/** How soon a browser comes back. */
const COME_BACK_MS = 2_000;

const EVENT_ID = '(?:0|[1-9][0-9]{0,14}|[1-8][0-9]{15})';

/** What `data` holds, by the name of the event. */
const LiveBody = Type.Union(
  [
    closed({ topic: word(['messages', 'reviews']), event: EventBody }),
    closed({
      topic: word(['plans']),
      plans: Type.Array(PlanBody),
      more: Type.Boolean({ description: 'whether others moved as well, too many to be told one by one' }),
    }),
    closed({ topic: word(['channels']), channels: Type.Array(FactsBody) }),
    closed({
      topic: word(['overview']),
      at: Time,
      span_ms: Count,
      states: Type.Partial(closed(Object.fromEntries(MESSAGE_STATES.map((state) => [state, Count]))), {
        additionalProperties: false,
        description: 'messages that came into each state within the span',
      }),
    }),
    closed({
      topic: word(['tasks']),
      at: Time,
      workers: Type.Array(WorkerBody),
      queues: Type.Array(QueueBody),
      running: Type.Array(TaskBody),
    }),
    closed({ topic: word(['reset']) }),
  ],
  {
    title: 'Live',
    description:
      'one server-sent event; its name is the topic, its id that of an event of GET /events where it tells one',
  },
);

const bodyOf = (news: LiveNews): Static<typeof LiveBody> => {
  switch (news.topic) {
    case 'messages':
    case 'reviews':
      return { topic: news.topic, event: eventView(news.event) };
    case 'plans':
      return { topic: news.topic, plans: news.plans.map(planView), more: news.more };
    case 'channels':
      return { topic: news.topic, channels: news.channels.map(({ id, facts }) => factsView(id, facts)) };
    case 'overview':
      return { topic: news.topic, at: isoTime(news.at), span_ms: Math.round(news.spanMs), states: news.states };
    case 'tasks':
      return {
        topic: news.topic,
        at: isoTime(news.tasks.at),
        workers: news.tasks.workers.map(workerView),
        queues: news.tasks.queues.map(queueView),
        running: news.tasks.running.map(taskView),
      };
    case 'reset':
      return news;
  }
};

/** One server-sent event (WHATWG HTML, 9.2.6). */
function eventText(news: LiveNews, shown: <T>(piece: T) => T): string {
  const id = 'event' in news ? `id: ${news.event.id}\n` : '';
  return `${id}event: ${news.topic}\ndata: ${JSON.stringify(shown(bodyOf(news)))}\n\n`;
}

/** What a member needs to follow a topic. */
const NEEDS: { readonly [T in LiveTopic]: MemberPermission } = {
  messages: 'messages:read',
  plans: 'messages:read',
  channels: 'channels:read',
  overview: 'figures:read',
  tasks: 'tasks:read',
  reviews: 'signatures:read',
};

/** @throws Refused (invalidField, adminOnly, permissionMissing) */
function topicsOf(text: string, actor: Actor): ReadonlySet<LiveTopic> {
  const topics = text.split(',');
  for (const topic of topics) {
    must((LIVE_TOPICS as readonly string[]).includes(topic), {
      code: 'invalidField',
      field: 'topics',
      rule: TOPICS_RULE,
    });
    must(actor.admin || !(HOUSE_TOPICS as readonly string[]).includes(topic), { code: 'adminOnly' });
    const permission = NEEDS[topic as LiveTopic];
    must(actor.session?.permissions.includes(permission) ?? true, { code: 'permissionMissing', permission });
  }
  return new Set(topics as LiveTopic[]);
}

const TOPICS_RULE = `one or more of ${LIVE_TOPICS.join(', ')}, separated by commas`;

/** The last event somebody has seen, as the header or the query says; null when neither does. */
function afterOf(header: string | null, query: string | undefined): number | null {
  // What a browser sends of its own accord is newer than the address it was opened with.
  const text = header !== null && new RegExp(`^${EVENT_ID}$`).test(header) ? header : query;
  return text === undefined ? null : Number(text);
}

/** What is told at once, as long as somebody listens. */
export const liveEndpoints = ({ desk, live, clock }: HttpDeps): Endpoint[] => [
  streamEndpoint(
    'GET /live',
    {
      tag: 'live',
      summary: 'What happens, as it happens: server-sent events',
      query: closed({
        ...businessQuery,
        topics: Type.String({ pattern: '^[a-z]{1,20}(?:,[a-z]{1,20}){0,9}$', description: TOPICS_RULE }),
        plan_id: Type.Optional(IdText),
        last_event_id: Type.Optional(
          Type.String({
            pattern: `^${EVENT_ID}$`,
            description: 'the id of the last event that was seen: the stream goes on behind it',
          }),
        ),
      }),
      answer: LiveBody,
    },
    async ({ actor, query, lastEventId, admittedStill, shown }) => {
      const wish = {
        topics: topicsOf(query.topics, actor),
        businessId: await scopeOf(desk, actor, query),
        planId: query.plan_id === undefined ? null : Number(query.plan_id),
      };
      const stream = new Readable({ read() {}, highWaterMark: MAX_WAITING });
      stream.push(`retry: ${COME_BACK_MS}\n\n`);
      const leave = await live.follow({
        who: `${actor.businessId} ${actor.credentialId ?? ''} ${actor.session?.memberId ?? ''}`,
        wish,
        after: afterOf(lastEventId, query.last_event_id),
        tell: (news) => void push(stream, eventText(news, shown)),
        busy: () => stream.readableLength > 0,
        end: () => stream.push(null),
      });
      const ticking = [
        every(clock, BEAT_EVERY_MS, () => void push(stream, ': still here\n\n')),
        every(clock, ADMIT_EVERY_MS, () => void admittedStill().catch(() => stream.destroy())),
      ];
      stream.once('close', () => {
        leave();
        for (const stop of ticking) stop();
      });
      return stream;
    },
  ),
];

/** Cuts a stream whose reader does not keep up. */
function push(stream: Readable, text: string): void {
  if (stream.destroyed || stream.readableEnded) return;
  if (stream.readableLength > MAX_WAITING) stream.destroy();
  else stream.push(text);
}

/** Runs `work` again and again; returns what stops it. */
function every(clock: Clock, ms: number, work: () => void): () => void {
  let timer: Timer;
  const again = () => {
    timer = clock.setTimer(() => {
      work();
      again();
    }, ms);
  };
  again();
  return () => timer.cancel();
}
