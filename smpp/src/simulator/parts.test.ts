import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { until } from '../../test/peer.ts';
import { ManualClock } from '../lib/clock.ts';
import { seededRandom } from '../lib/random.ts';
import type { SubmitSm } from '../pdu/commands.ts';
import { decodePdu } from '../pdu/decode.ts';
import { encodePdu } from '../pdu/encode.ts';
import { Fifo } from './fifo.ts';
import { decimalId, hexId, inOtherBase } from './ids.ts';
import { messagePart, SubmitLog, type SubmitRecord } from './log.ts';
import { Wheel } from './wheel.ts';

describe('ids', () => {
  it('are random, of one length, and the same number in either base', () => {
    const random = seededRandom(5);
    const hex = new Set(Array.from({ length: 1000 }, () => hexId(random)));
    const decimal = new Set(Array.from({ length: 1000 }, () => decimalId(random)));
    expect([hex.size, decimal.size]).toEqual([1000, 1000]);
    for (const id of hex) {
      expect(id).toMatch(/^[0-9a-f]{16}$/);
      expect(BigInt(inOtherBase(id, 'hex'))).toBe(BigInt(`0x${id}`));
    }
    for (const id of decimal) {
      expect(id).toMatch(/^[0-9]{18}$/);
      expect(inOtherBase(inOtherBase(id, 'decimal'), 'hex')).toBe(id);
    }
  });
});

describe('Fifo', () => {
  it('behaves as a list', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), count: fc.nat(600) }),
      fc.record({ kind: fc.constant('take' as const), count: fc.nat(700) }),
      fc.constant({ kind: 'giveBack' as const, count: 0 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const fifo = new Fifo<number>();
        let model: number[] = [];
        let taken: number[] = [];
        let next = 0;
        for (const { kind, count } of steps) {
          if (kind === 'push') {
            for (let i = 0; i < count; i++) {
              fifo.push(next);
              model.push(next++);
            }
          } else if (kind === 'take') {
            taken = fifo.take(count);
            expect(taken).toEqual(model.splice(0, count));
          } else {
            fifo.giveBack(taken);
            model = [...taken, ...model];
            taken = [];
          }
          expect(fifo.size).toBe(model.length);
        }
        expect(fifo.take(Number.POSITIVE_INFINITY)).toEqual(model);
      }),
    );
  });
});

describe('Wheel', () => {
  it('hands over everything, in one call a tick, never early and at most a tick late', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(200)), { maxLength: 60 }), (additions) => {
        const clock = new ManualClock(1_000_000);
        const seen: number[] = [];
        const wheel = new Wheel<number>(clock, (due) => {
          for (const at of due) {
            expect(clock.now()).toBeGreaterThanOrEqual(at);
            expect(clock.now()).toBeLessThan(at + 10);
          }
          seen.push(...due);
        });
        for (const [wait, delay] of additions) {
          clock.advance(wait);
          wheel.add(clock.now() + delay, clock.now() + delay);
        }
        clock.advance(1000);
        expect(seen).toHaveLength(additions.length);
        expect([wheel.size, clock.pending]).toEqual([0, 0]);
      }),
    );
  });

  it('takes additions while it hands over', () => {
    const clock = new ManualClock(0);
    const seen: number[] = [];
    const wheel: Wheel<number> = new Wheel(clock, (due) => {
      seen.push(...due);
      if (due[0]! < 3) wheel.add(due[0]! + 1, clock.now());
    });
    wheel.add(1, 10);
    clock.advance(100);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('forgets what it is told to forget', () => {
    const clock = new ManualClock(0);
    const wheel = new Wheel<number>(clock, () => expect.unreachable());
    wheel.add(1, 10);
    wheel.clear();
    clock.advance(100);
    expect([wheel.size, clock.pending]).toEqual([0, 0]);
  });
});

const submit = (more: object): SubmitSm => decodePdu(encodePdu({ command: 'submit_sm', ...more })) as SubmitSm;

describe('messagePart', () => {
  it.each<[string, object, object | undefined]>([
    ['a message of one part', { short_message: 'hello' }, undefined],
    [
      'an 8-bit reference',
      { esm_class: 0x40, short_message: Buffer.from('050003a70201', 'hex') },
      { reference: 0xa7, total: 2, number: 1 },
    ],
    [
      'a 16-bit reference behind a port element',
      { esm_class: 0x40, short_message: Buffer.from('0c0504158200000804beef0302', 'hex') },
      { reference: 0xbeef, total: 3, number: 2 },
    ],
    [
      'parameters',
      { tlvs: { sar_msg_ref_num: 9, sar_total_segments: 3, sar_segment_seqnum: 1 } },
      { reference: 9, total: 3, number: 1 },
    ],
    [
      'a header without concatenation',
      { esm_class: 0x40, short_message: Buffer.from('0605041582000041', 'hex') },
      undefined,
    ],
    ['a header cut short', { esm_class: 0x40, short_message: Buffer.from('050003a7', 'hex') }, undefined],
    ['an empty text that claims a header', { esm_class: 0x40 }, undefined],
  ])('reads %s', (_, pdu, expected) => {
    expect(messagePart(submit(pdu))).toEqual(expected);
  });
});

describe('SubmitLog', () => {
  const record = (more: Partial<SubmitRecord>): SubmitRecord => ({
    at: 1234.9,
    systemId: 'esme',
    sequence: 7,
    source: 'Signet',
    destination: '8613800138000',
    messageId: 'abc',
    status: 0,
    part: undefined,
    shortMessage: Buffer.from('hi'),
    ...more,
  });

  it('writes a line per submit_sm, within a tenth of a second, and appends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'signet-smpp-'));
    const path = join(folder, 'submits.log');
    const clock = new ManualClock(0);
    try {
      const log = new SubmitLog(path, true, clock);
      log.write(record({}));
      clock.advance(100);
      const first = '1234\t7\tSignet\t8613800138000\tabc\t0x00000000\t-\t6869\n';
      await until(() => readFileSync(path, 'latin1') === first, 'the line is in the file');
      log.write(
        record({ source: 'a\tb\nc', destination: '', messageId: '', status: 0x58, shortMessage: Buffer.alloc(0) }),
      );
      await log.close();
      const second = '1234\t7\ta?b?c\t-\t-\t0x00000058\t-\t-\n';
      expect(await readFile(path, 'latin1')).toBe(first + second);
      const again = new SubmitLog(path, false, clock);
      again.write(record({ part: { reference: 5, total: 2, number: 1 } }));
      await again.close();
      const third = '1234\t7\tSignet\t8613800138000\tabc\t0x00000000\t5-2-1\n';
      expect(await readFile(path, 'latin1')).toBe(first + second + third);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says at once that it cannot write', () => {
    expect(() => new SubmitLog(join(tmpdir(), 'signet-no-such-folder', 'x.log'), false, new ManualClock())).toThrow(
      'ENOENT',
    );
  });
});
