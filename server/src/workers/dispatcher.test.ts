import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import { accept, EVERYTHING, leaseDue, nextRetry, numbers, openSender, type Sender } from '../../test/traffic.ts';
import { HandChannel, openFlightLog, settle } from '../../test/workers.ts';
import type { Answered } from '../channels/channel.ts';
import { CATEGORIES, type Category } from '../domain/category.ts';
import { createLogger } from '../lib/log.ts';
import { MemoryQueue } from '../queue/memory.ts';
import { Dispatcher } from './dispatcher.ts';

const CHANNEL = 1;

describe('a dispatcher', () => {
  let desk: TestDesk;
  let queue: MemoryQueue;
  let channel: HandChannel;
  let dispatcher: Dispatcher;
  let flights: ReturnType<typeof openFlightLog>;
  let sender: Sender;
  let taken = 0;
  /** What was told of, for counting by route. */
  let counted: string[];
  const routes = {
    given: (channelId: number, lane: Category, { recipients }: { recipients: Float64Array }) =>
      void counted.push(`${channelId} ${lane} ${recipients.length}`),
    notOverMe: (channelId: number, refused: readonly unknown[]) =>
      void counted.push(`${channelId} no ${refused.length}`),
  };

  beforeEach(async () => {
    desk = await TestDesk.open();
    queue = new MemoryQueue();
    queue.onRoom(() => taken++);
    flights = openFlightLog();
    sender = await openSender(desk, { credits: 100_000 });
    taken = 0;
    counted = [];
    use(1_000);
  });
  afterEach(async () => {
    await desk.close();
    flights.close();
  });

  /** A channel of this capacity with its dispatcher. */
  const use = (capacity: number) => {
    channel = new HandChannel(CHANNEL, capacity);
    dispatcher = new Dispatcher(channel, true, {
      desk,
      queue,
      flightLog: flights.log,
      clock: desk.clock,
      log: createLogger('silent'),
      routes,
    });
  };
  const publish = (planId: number, from: number, to: number, lane: Category = 'notification') =>
    queue.publish(
      { channelId: CHANNEL, lane },
      { channelId: CHANNEL, line: 'default', ranges: [{ planId, from, to }], retries: [] },
    );
  const pump = async () => {
    dispatcher.pump();
    await settle();
  };
  const answer = async (answers: Answered[]) => {
    dispatcher.answered(answers);
    await settle();
  };
  const countsOf = async (planId: number) => (await desk.ask('findPlan', { businessId: null, id: planId }))!.counts;
  const indexes = () => channel.sent.map(({ index }) => index);
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  it('takes back what it is told to, also what is just being claimed', async () => {
    use(10);
    const planId = await accept(desk, sender, 3);
    const other = await accept(desk, sender, 2);
    await publish(planId, 0, 2);
    await publish(other, 0, 1);
    dispatcher.pump();
    dispatcher.stopPlans(new Set([planId]));
    await settle();
    expect(channel.recalled).toEqual(new Set([planId]));
    expect(channel.sent.map((message) => message.planId)).toEqual([other, other]);
    expect(await countsOf(planId)).toEqual({ accepted: 3 });
    // The next time it is claimed it is sent.
    await publish(planId, 0, 2);
    await pump();
    expect(await countsOf(planId)).toEqual({ dispatching: 3 });
  });

  it('claims as many as the channel has room for, and the rest when it has room again', async () => {
    use(10);
    const planId = await accept(desk, sender, 25);
    await publish(planId, 0, 24);
    dispatcher.pump();
    expect(dispatcher.claiming('notification')).toBe(25);
    await pump();
    expect(dispatcher.claiming('notification')).toBe(15);
    expect(indexes()).toEqual(range(0, 9));
    expect(await countsOf(planId)).toEqual({ dispatching: 10, accepted: 15 });
    await answer(channel.answers(4));
    expect(indexes()).toEqual(range(0, 13));
    expect(await countsOf(planId)).toEqual({ submitted: 4, dispatching: 10, accepted: 11 });
    await answer(channel.answers());
    await answer(channel.answers());
    expect(indexes()).toEqual(range(0, 24));
  });

  it('claims nothing while the channel has no room', async () => {
    use(0);
    const planId = await accept(desk, sender, 2);
    await publish(planId, 0, 1);
    await pump();
    expect(taken).toBe(0);
    expect(await countsOf(planId)).toEqual({ accepted: 2 });
  });

  describe('with messages that are claimed as they are accepted', () => {
    const grant = (wanted: number) => dispatcher.grant('notification', wanted);
    /** Accepts a plan within room that was granted. */
    const acceptWith = async (room: number, count: number) => {
      desk.grants.add([{ lane: 'notification', channelId: CHANNEL, room, lines: EVERYTHING }]);
      desk.notices.length = 0;
      const planId = await accept(desk, sender, count);
      const claimed = desk.notices.find((notice) => notice.kind === 'claimed')!;
      for (const rest of desk.grants.rest()) dispatcher.returned(rest.lane, rest.room);
      return { planId, opened: claimed.opened };
    };

    it('sends them without a task', async () => {
      const { planId, opened } = await acceptWith(grant(3), 2);
      await dispatcher.claimed('notification', opened);
      expect(indexes()).toEqual([0, 1]);
      expect(taken).toBe(0);
      await answer(channel.answers());
      expect(await countsOf(planId)).toEqual({ submitted: 2 });
    });

    it('grants no room twice, and none that is not there', async () => {
      use(10);
      expect([grant(4), grant(100), grant(1)]).toEqual([4, 6, 0]);
      dispatcher.returned('notification', 6);
      expect(grant(100)).toBe(6);
      channel.capacity = 0;
      use(0);
      expect(grant(1)).toBe(0);
    });

    it('grants none while others of the lane wait', async () => {
      use(1);
      const planId = await accept(desk, sender, 5);
      await publish(planId, 0, 4);
      expect(grant(1)).toBe(0);
      await pump();
      await answer(channel.answers());
      expect(grant(1)).toBe(0);
      expect(dispatcher.grant('verification', 1)).toBe(1);
    });

    it('keeps room that is granted free of tasks, and uses it when it comes back', async () => {
      use(5);
      expect(grant(5)).toBe(5);
      const planId = await accept(desk, sender, 5);
      await publish(planId, 0, 4);
      await pump();
      expect(channel.sent).toEqual([]);
      dispatcher.returned('notification', 5);
      await settle();
      expect(channel.sent).toHaveLength(5);
    });

    it('lets them wait again once it has stopped', async () => {
      const { planId, opened } = await acceptWith(grant(2), 2);
      await dispatcher.stop();
      expect(grant(1)).toBe(0);
      await dispatcher.claimed('notification', opened);
      await settle();
      expect(channel.sent).toEqual([]);
      expect(await countsOf(planId)).toEqual({ accepted: 2 });
    });
  });

  it('serves verification before notification before marketing', async () => {
    use(2);
    const planIds: number[] = [];
    for (const category of [...CATEGORIES].reverse()) {
      const planId = await accept(desk, await openSender(desk, { category }), 2);
      planIds.unshift(planId);
      await publish(planId, 0, 1, category);
    }
    await pump();
    for (let i = 0; i < 3; i++) await answer(channel.answers());
    expect(channel.sent.map(({ planId }) => planId)).toEqual(planIds.flatMap((id) => [id, id]));
  });

  it('has room for a code although others fill the channel', async () => {
    use(5);
    const marketing = await accept(desk, sender, 20);
    await publish(marketing, 0, 19, 'marketing');
    await pump();
    expect(channel.sent).toHaveLength(5);
    const code = await accept(desk, sender, 1);
    await publish(code, 0, 0, 'verification');
    await pump();
    expect(channel.sent.at(-1)).toMatchObject({ planId: code, lane: 'verification' });
    expect(channel.sent).toHaveLength(6);
  });

  it('hands over every text with its own values', async () => {
    sender = await openSender(desk, { text: 'Hi {name}, {n}', signature: 'Sig' });
    const recipients = numbers(3);
    const each = [
      { name: 'A', n: 1 },
      { name: 'B', n: 2 },
      { name: '{n}', n: true },
    ];
    const { planId } = await desk.do('acceptPlan', {
      request: sender.request,
      total: recipients.length,
      recipients,
      invalid: [],
      parameters: { each },
      idempotency: null,
    });
    await publish(planId, 0, 2);
    await pump();
    const lane = 'notification';
    const { templateId } = sender.request;
    const content = expect.objectContaining({ templateId, signatureText: 'Sig' });
    const texts = ['【Sig】Hi A, 1', '【Sig】Hi B, 2', '【Sig】Hi {n}, true'];
    expect(channel.sent).toEqual(
      texts.map((text, index) => {
        return { planId, index, recipient: recipients[index], text, lane, content, parameters: each[index] };
      }),
    );
  });

  it('tells a channel that asks for it whose each message is, and until when it is of use', async () => {
    const planId = await accept(desk, sender, 3);
    await publish(planId, 0, 1);
    await pump();
    expect(channel.sent.map(({ plan }) => plan)).toEqual([undefined, undefined]);
    channel.asksForPlans = true;
    await publish(planId, 2, 2);
    await pump();
    const { expiresAt } = (await desk.ask('planFacts', { planIds: [planId, 1] }))[0]!;
    expect(expiresAt).toBeGreaterThan(desk.clock.now());
    expect(channel.sent[2]!.plan).toEqual({ businessId: sender.businessId, expiresAt });
  });

  it('sends nothing for a task that is stale', async () => {
    const planId = await accept(desk, sender, 4);
    await publish(planId, 0, 2);
    await publish(planId, 0, 3);
    await publish(12_345, 0, 9);
    await pump();
    expect(indexes()).toEqual([0, 1, 2, 3]);
  });

  it('records what became of each', async () => {
    const planId = await accept(desk, sender, 6);
    await publish(planId, 0, 5);
    await pump();
    await answer([
      ...channel.answers(1),
      ...channel.answers(1, { kind: 'refused', retry: 'never', error: 'ESME_RINVDSTADR' }),
      ...channel.answers(1, { kind: 'refused', retry: 'elsewhere', error: 'ESME_RSUBMITFAIL' }),
      ...channel.answers(1, { kind: 'refused', retry: 'later', error: 'ESME_RTHROTTLED' }),
      ...channel.answers(1, { kind: 'unknown', error: 'no answer in time' }),
      ...channel.answers(1, { kind: 'notSent' }),
    ]);
    const messages = await desk.ask('messagesOfPlan', { planId, after: -1, limit: 10 });
    expect(messages.map(({ state, attempts, error }) => [state, attempts, error])).toEqual([
      ['submitted', 1, ''],
      ['refused', 1, 'ESME_RINVDSTADR'],
      ['failed', 1, 'ESME_RSUBMITFAIL'],
      ['queued', 1, 'ESME_RTHROTTLED'],
      ['uncertain', 1, 'no answer in time'],
      ['accepted', 0, ''],
    ]);
    expect(counted).toEqual([`${CHANNEL} notification 6`, `${CHANNEL} no 1`]);
    expect(await desk.faults()).toEqual([]);
  });

  it('gives places in the flight log back when the answers are in the store', async () => {
    const given: [number, number][] = [];
    flights.log.recorded = (place, count) => void given.push([place, count]);
    const planId = await accept(desk, sender, 4);
    await publish(planId, 0, 3);
    await pump();
    const answers = channel.answers().map((each, i) => ({ ...each, place: [3, 3, 4, -1][i]! }));
    dispatcher.answered(answers);
    expect(given).toEqual([]);
    await settle();
    expect(given).toEqual([
      [3, 2],
      [4, 1],
    ]);
  });

  it('gathers answers while others are recorded', async () => {
    const planId = await accept(desk, sender, 9);
    await publish(planId, 0, 8);
    await pump();
    const recorded: number[] = [];
    const { do: does } = desk;
    desk.do = ((verb: string, input: { accepted: { planIds: unknown[] } }) => {
      if (verb === 'recordOutcomes') recorded.push(input.accepted.planIds.length);
      return does.call(desk, verb as never, input as never);
    }) as typeof desk.do;
    for (let i = 0; i < 9; i++) dispatcher.answered(channel.answers(1));
    await settle();
    expect(recorded).toEqual([1, 8]);
  });

  describe('that stops', () => {
    it('gives back what it had taken and not claimed', async () => {
      use(3);
      const planId = await accept(desk, sender, 10);
      await publish(planId, 0, 9, 'marketing');
      await pump();
      expect(queue.depth({ channelId: CHANNEL, lane: 'marketing' })).toBe(0);
      dispatcher.pause();
      await answer(channel.answers());
      expect(indexes()).toEqual([0, 1, 2]);
      await dispatcher.stop();
      expect(queue.depth({ channelId: CHANNEL, lane: 'marketing' })).toBe(10);
      use(100);
      await pump();
      expect(indexes()).toEqual(range(3, 9));
    });

    it('waits for claims under way and for their answers', async () => {
      const planId = await accept(desk, sender, 3);
      await publish(planId, 0, 2);
      dispatcher.pump();
      dispatcher.pause();
      const { send } = channel;
      channel.send = (batch) => {
        send.call(channel, batch);
        dispatcher.answered(channel.answers(3, { kind: 'notSent' }));
      };
      await dispatcher.stop();
      expect(await countsOf(planId)).toEqual({ accepted: 3 });
      expect(await nextRetry(desk)).not.toBeNull();
    });
  });

  describe('at a store that fails', () => {
    /** Fails the next so many calls of a verb or question. */
    const fail = (name: string, times: number) => {
      let left = times;
      for (const door of ['do', 'ask'] as const) {
        const works = desk[door].bind(desk) as (name: string, input: unknown) => Promise<unknown>;
        desk[door] = ((asked: string, input: unknown) => {
          if (asked === name && left-- > 0) return Promise.reject(new Error('the disk is full'));
          return works(asked, input);
        }) as never;
      }
    };
    const later = async (ms: number) => {
      desk.clock.advance(ms);
      await settle();
    };

    it('rests, and opens the same messages afterwards', async () => {
      fail('openAttempts', 3);
      const planId = await accept(desk, sender, 5);
      await publish(planId, 0, 4);
      await pump();
      expect(channel.sent).toEqual([]);
      await publish(planId, 0, 4);
      await pump();
      expect(channel.sent).toEqual([]);
      for (let i = 0; i < 4; i++) await later(1_000);
      expect(indexes()).toEqual(range(0, 4));
    });

    it('gives back what it could not open when it stops meanwhile', async () => {
      fail('openAttempts', 1);
      const planId = await accept(desk, sender, 5);
      await publish(planId, 0, 4);
      await pump();
      await dispatcher.stop();
      use(100);
      await pump();
      expect(indexes()).toEqual(range(0, 4));
    });

    it('records the answers afterwards', async () => {
      const planId = await accept(desk, sender, 5);
      await publish(planId, 0, 4);
      await pump();
      fail('recordOutcomes', 8);
      await answer(channel.answers());
      expect(await countsOf(planId)).toEqual({ dispatching: 5 });
      for (let i = 0; i < 3; i++) await later(1_000);
      expect(await countsOf(planId)).toEqual({ submitted: 5 });
      expect(await desk.faults()).toEqual([]);
    });

    it('keeps back no answer for another that is never taken', async () => {
      const planId = await accept(desk, sender, 3);
      await publish(planId, 0, 2);
      await pump();
      const works = desk.do.bind(desk) as (name: string, input: unknown) => Promise<unknown>;
      desk.do = ((verb: string, input: { accepted: { indexes: number[] } }) =>
        verb === 'recordOutcomes' && input.accepted.indexes.includes(1)
          ? Promise.reject(new Error('never'))
          : works(verb, input)) as never;
      await answer(channel.answers());
      await later(1_000);
      expect(await countsOf(planId)).toEqual({ submitted: 2, dispatching: 1 });
      for (let i = 0; i < 70; i++) await later(1_000);
      const other = await accept(desk, sender, 1);
      await publish(other, 0, 0);
      await pump();
      await answer(channel.answers());
      expect(await countsOf(other)).toEqual({ submitted: 1 });
    });

    it('sends later what it has no text for now', async () => {
      fail('findContent', 3);
      const planId = await accept(desk, sender, 3);
      await publish(planId, 0, 2);
      await pump();
      expect(channel.sent).toEqual([]);
      expect(await countsOf(planId)).toEqual({ queued: 3 });
      expect(await nextRetry(desk)).toBe(desk.clock.now() + 1_000);
      // An older task is no reason to try earlier.
      await publish(planId, 0, 2);
      await pump();
      expect(channel.sent).toEqual([]);
      desk.clock.advance(1_000);
      const retries = await leaseDue(desk);
      await queue.publish(
        { channelId: CHANNEL, lane: 'notification' },
        { channelId: CHANNEL, line: 'default', ranges: [], retries },
      );
      await pump();
      expect(indexes()).toEqual([0, 1, 2]);
    });
  });
});
