import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DIALECTS } from '../domain/plan.ts';
import { packCommands, packReplies, unpackCommands, unpackReplies } from './packed-accepts.ts';
import type { Command, Reply } from './verb-runner.ts';

const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const few = fc.integer({ min: 1, max: 3 });
const request = fc.record(
  {
    businessId: few,
    dialect: fc.constantFrom(...DIALECTS),
    name: fc.constantFrom('-', 'spring'),
    templateId: few,
    signatureId: few,
    unsetVariables: fc.constantFrom('refuse' as const, 'literal' as const),
    startAt: fc.option(few),
    customArgs: fc.option(fc.constant('{"a":1}')),
  },
  { requiredKeys: ['businessId', 'dialect', 'name', 'templateId', 'unsetVariables', 'startAt', 'customArgs'] },
);
const values = fc.dictionary(fc.constantFrom('a', 'b'), fc.string({ maxLength: 3 }));
const accept = fc.record({
  request,
  total: whole,
  recipients: fc.array(whole, { maxLength: 5 }),
  invalid: fc.oneof(fc.constant([]), fc.array(fc.string(), { maxLength: 2 })),
  parameters: fc.oneof(
    fc.constant({ shared: null }),
    fc.record({ shared: values }),
    fc.record({ each: fc.array(fc.option(values), { maxLength: 3 }) }),
  ),
  idempotency: fc.option(fc.record({ route: fc.string(), key: fc.string(), bodyHash: fc.string() })),
});
const command = (id: number): fc.Arbitrary<Command> =>
  fc.oneof(
    accept.map((input) => ({ id, verb: 'acceptPlan', input })),
    fc.constantFrom('topUp', 'pausePlan').map((verb) => ({ id, verb, input: { planId: id } })),
  );
const commands = fc
  .integer({ min: 0, max: 20 })
  .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => command(i))));

const inOrder = (all: readonly Command[]): Command[] => [
  ...all.filter(({ verb }) => verb === 'acceptPlan'),
  ...all.filter(({ verb }) => verb !== 'acceptPlan'),
];

describe('what crosses to the writer', () => {
  test('are commands, requests to send first, as they were', () => {
    fc.assert(
      fc.property(commands, (all) => {
        expect(unpackCommands(structuredClone(packCommands(all)))).toEqual(inOrder(all));
      }),
    );
  });

  test('are alike requests once', () => {
    const one = fc.sample(accept, 1)[0]!;
    const all = Array.from({ length: 9 }, (_, id) => ({ id, verb: 'acceptPlan', input: structuredClone(one) }));
    expect(packCommands(all).accepts!.requests).toHaveLength(1);
  });

  test('and their answers back, accepted requests first', () => {
    const uuid = fc.option(fc.uuid());
    const plan = fc.record({ planId: whole, uuid, total: whole, accepted: whole });
    const reply = (id: number): fc.Arbitrary<Reply> =>
      fc.oneof(
        plan.map((value) => ({ id, value })),
        fc.constant({ id, refusal: { code: 'templateNotFound' } as const }),
        fc.constant({ id, defect: 'broken' }),
        fc.constant({ id, value: { planId: 1, uuid: null, total: 1, accepted: 1, other: true } }),
      );
    const replies = fc
      .integer({ min: 0, max: 12 })
      .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => reply(i))));
    fc.assert(
      fc.property(replies, (all) => {
        const isAccept = (id: number) => {
          const sought = all[id]!;
          return !('value' in sought) || !('other' in (sought.value as object));
        };
        const isPacked = (each: Reply) => 'value' in each && isAccept(each.id);
        const back = unpackReplies(structuredClone(packReplies(all, isAccept)));
        expect(back).toEqual([...all.filter(isPacked), ...all.filter((each) => !isPacked(each))]);
      }),
    );
  });

  test('ask of each command once whether it was one, also where it was refused: it is asked for no more', () => {
    const asked: number[] = [];
    const replies: Reply[] = [
      { id: 3, refusal: { code: 'templateNotFound' } },
      { id: 4, defect: 'broken' },
      { id: 5, value: null },
    ];
    const isAccept = (id: number) => {
      asked.push(id);
      return id < 5;
    };
    expect(unpackReplies(packReplies(replies, isAccept))).toEqual(replies);
    expect(asked).toEqual([3, 4, 5]);
  });
});
