import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FlightLog, type LongFlight } from './flight-log.ts';

const PLAN = 129_171_456_000_000;
const RECIPIENT = 8_613_800_138_000;

let dir: string;
let logs: FlightLog[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signet-flight-'));
  logs = [];
});
afterEach(() => {
  for (const log of logs) log.close();
  rmSync(dir, { recursive: true });
});

/** A log of a process of this boot, with what the last one left. */
function opened(boot = 'boot-1') {
  const log = new FlightLog(dir, boot);
  logs.push(log);
  return { log, found: log.recover() };
}
/** A log that has forgotten the last process. */
function begun(boot?: string): FlightLog {
  const { log } = opened(boot);
  log.forget();
  return log;
}
const files = () => readdirSync(dir).sort();
const lastFile = () => join(dir, files().at(-1)!);
const message = (index: number) => ({ planId: PLAN, index });
const accepted = (index: number, ...carrierIds: string[]) => ({
  channelId: 3,
  planId: PLAN,
  index,
  recipient: RECIPIENT + index,
  carrierIds,
});
const leave = (log: FlightLog, ...indexes: number[]) => {
  const places = indexes.map((index) => log.leaving(PLAN, index));
  log.write();
  return places;
};
const accept = (log: FlightLog, index: number, ...carrierIds: string[]) => {
  log.accepted(3, PLAN, index, RECIPIENT + index, carrierIds);
  log.write();
};

describe('after a kill', () => {
  test('it is known what left, what was accepted and what was not', () => {
    const log = begun();
    leave(log, 0, 1, 2, 3);
    accept(log, 1, 'id-1');
    log.notAccepted(PLAN, 2);
    log.write();
    accept(log, 3, 'id-3', 'id-4');
    expect(opened().found).toEqual({
      left: [message(0)],
      accepted: [accepted(1, 'id-1'), accepted(3, 'id-3', 'id-4')],
      inParts: [],
    });
  });

  test('what was noted and not handed over has not left', () => {
    const log = begun();
    leave(log, 0);
    log.leaving(PLAN, 1);
    expect(opened().found.left).toEqual([message(0)]);
  });

  test('the last attempt of a message counts', () => {
    const log = begun();
    leave(log, 0, 1);
    log.notAccepted(PLAN, 0);
    log.notAccepted(PLAN, 1);
    leave(log, 0, 1);
    accept(log, 1, 'a');
    leave(log, 1);
    expect(opened().found).toEqual({ left: [message(0), message(1)], accepted: [], inParts: [] });
  });

  test('a line that was cut off is passed over, wherever it was cut', () => {
    const log = begun();
    leave(log, 0);
    const whole = readFileSync(lastFile(), 'latin1');
    const cut = `a 3 ${PLAN} 0 ${RECIPIENT} some-id`;
    for (let length = 0; length <= cut.length; length++) {
      writeFileSync(lastFile(), whole + cut.slice(0, length));
      expect(opened().found).toEqual({ left: [message(0)], accepted: [], inParts: [] });
    }
  });

  test('ids of carriers come back as they were, whatever is in them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((unit) => String.fromCharCode(unit)) }), {
          minLength: 1,
          maxLength: 3,
        }),
        (carrierIds) => {
          const log = begun();
          leave(log, 0);
          accept(log, 0, ...carrierIds);
          expect(opened().found).toEqual({ left: [], accepted: [accepted(0, ...carrierIds)], inParts: [] });
          log.close();
        },
      ),
      { numRuns: 50, examples: [[['']], [['', '']], [['a b\nw 1 1\n']], [['%20', '%']]] },
    );
  });

  test('what it knew is still known until it is forgotten', () => {
    leave(begun(), 7);
    expect(opened().found.left).toEqual([message(7)]);
    const { log, found } = opened();
    expect(found.left).toEqual([message(7)]);
    log.forget();
    expect(files()).toHaveLength(1);
    expect(opened().found).toEqual({ left: [], accepted: [], inParts: [] });
  });
});

describe('of a text of several parts', () => {
  const flight = (index: number, change: Partial<LongFlight> = {}): LongFlight => ({
    channelId: 3,
    planId: PLAN,
    index,
    recipient: RECIPIENT + index,
    reference: 200,
    round: 0,
    total: 4,
    userReference: null,
    ...change,
  });
  /** Notes what becomes of parts, a letter each: leaves, accepted, refused. */
  function parts(log: FlightLog, index: number, letters: string): void {
    for (const [part, letter] of [...letters].entries()) {
      if (letter !== '-') log.partLeaving(PLAN, index, part);
      if (letter === 'a') log.partAccepted(PLAN, index, part, `id ${part}`);
      if (letter === 'r') log.partRefused(PLAN, index, part);
    }
    log.write();
  }
  const id = (part: number) => ({ kind: 'accepted', carrierId: `id ${part}` });
  const [unknown, missing] = [{ kind: 'unknown' }, { kind: 'missing' }];

  test('each is known after a kill', () => {
    const log = begun();
    log.leavingInParts(flight(0));
    parts(log, 0, 'alr-');
    leave(log, 1);
    expect(opened().found).toEqual({
      left: [message(1)],
      accepted: [],
      inParts: [{ message: flight(0), parts: [id(0), unknown, missing, missing] }],
    });
  });

  test('all are accepted: so is the message', () => {
    const log = begun();
    log.leavingInParts(flight(0));
    parts(log, 0, 'aaaa');
    expect(opened().found).toEqual({
      left: [],
      accepted: [accepted(0, 'id 0', 'id 1', 'id 2', 'id 3')],
      inParts: [],
    });
  });

  test('those of a later answer are told apart from those of the first', () => {
    const log = begun();
    log.leavingInParts(flight(0));
    parts(log, 0, 'aarr');
    log.leavingInParts(flight(0, { round: 1 }));
    parts(log, 0, '--al');
    expect(opened().found.inParts).toEqual([
      { message: flight(0, { round: 1 }), parts: [missing, missing, id(2), unknown] },
    ]);
  });

  test('none was taken, and the message waits as any other', () => {
    const log = begun();
    log.leavingInParts(flight(0));
    parts(log, 0, 'rr--');
    log.notAccepted(PLAN, 0);
    log.write();
    expect(opened().found).toEqual({ left: [], accepted: [], inParts: [] });
  });

  test('all that are not accepted may have left when lines may be missing', () => {
    const log = begun('boot-1');
    log.leavingInParts(flight(0));
    parts(log, 0, 'a--r');
    expect(opened('boot-2').found).toEqual({
      left: null,
      accepted: [],
      inParts: [{ message: flight(0), parts: [id(0), unknown, unknown, unknown] }],
    });
  });

  test('lines of parts without their head, or beyond the last part, say nothing', () => {
    const log = begun();
    parts(log, 7, 'al');
    log.leavingInParts(flight(0, { total: 1 }));
    parts(log, 0, 'la');
    expect(opened().found).toEqual({
      left: [],
      accepted: [],
      inParts: [{ message: flight(0, { total: 1 }), parts: [unknown] }],
    });
  });
});

describe('what left is not known', () => {
  test('after a start of the machine; what was accepted is', () => {
    const log = begun('boot-1');
    leave(log, 0, 1);
    accept(log, 1, 'a');
    expect(opened('boot-2').found).toEqual({ left: null, accepted: [accepted(1, 'a')], inParts: [] });
  });

  test('where the system does not tell its starts', () => {
    leave(begun(''), 0);
    expect(opened('').found.left).toBe(null);
  });

  test('when there is no log at all', () => {
    expect(opened().found).toEqual({ left: null, accepted: [], inParts: [] });
  });

  test('when a power failure has emptied its files', () => {
    leave(begun(), 0);
    for (const file of files()) truncateSync(join(dir, file));
    expect(opened().found.left).toBe(null);
  });

  test('when a file of another boot is among those of this one', () => {
    leave(begun('boot-1'), 0);
    const { log } = opened('boot-2');
    log.close();
    writeFileSync(join(dir, 'flight-99.log'), 'b boot-2\n');
    expect(opened('boot-2').found.left).toBe(null);
  });

  test('though the disk made nonsense of a file, which is passed over', () => {
    const log = begun('boot-1');
    leave(log, 0);
    accept(log, 1, 'a');
    log.close();
    appendFileSync(lastFile(), `\0\0\0\0\na 3 \0\0 5 6 x\na\nw\nw 1.5 2\nn x y\na 3 ${PLAN} 9 \0 id\nw ${PLAN} -1\n\n`);
    expect(opened('boot-2').found).toEqual({ left: null, accepted: [accepted(1, 'a')], inParts: [] });
    expect(opened('boot-1').found).toEqual({ left: [message(0)], accepted: [accepted(1, 'a')], inParts: [] });
  });

  test('though something else lies in the folder', () => {
    writeFileSync(join(dir, 'flight-x.log'), 'w 1 1\n');
    writeFileSync(join(dir, 'notes.txt'), 'w 1 1\n');
    leave(begun(), 0);
    expect(opened().found.left).toEqual([message(0)]);
    expect(files()).toContain('notes.txt');
  });
});

describe('files', () => {
  /** Writes so much that the next file begins. */
  function fill(log: FlightLog, index: number): number {
    const [place] = leave(log, index);
    for (let i = 0; i < 100; i++) log.accepted(3, PLAN, index, RECIPIENT, ['x'.repeat(90_000)]);
    log.write();
    return place!;
  }

  test('follow each other when they are large, and go once all in them is recorded, oldest first', () => {
    const log = begun();
    const first = fill(log, 0);
    const second = fill(log, 1);
    expect(files()).toHaveLength(3);
    log.recorded(second, 1);
    // The second may hold the answers for what left in the first.
    expect(files()).toHaveLength(3);
    log.recorded(first, 1);
    expect(files()).toHaveLength(1);
    leave(log, 2);
    expect(opened().found).toEqual({ left: [message(2)], accepted: [], inParts: [] });
  });

  test('stay while one of their messages is not recorded', () => {
    const log = begun();
    const [place] = leave(log, 0, 1);
    expect(fill(log, 2)).toBe(place);
    log.recorded(place!, 2);
    expect(files()).toHaveLength(2);
    log.recorded(place!, 1);
    expect(files()).toHaveLength(1);
  });

  test('are never dropped while they are written', () => {
    const log = begun();
    const [place] = leave(log, 0);
    log.recorded(place!, 1);
    expect(readFileSync(lastFile(), 'latin1')).toBe(`b boot-1\nw ${PLAN} 0\n`);
    leave(log, 1);
    expect(opened().found.left).toEqual([message(0), message(1)]);
  });

  test('are read in the order they were written', () => {
    const log = begun();
    for (let index = 0; index < 11; index++) {
      leave(log, 100);
      fill(log, index);
      log.notAccepted(PLAN, 100);
      log.write();
    }
    expect(files().length).toBeGreaterThan(10);
    expect(opened().found.left).toEqual([]);
  });

  test('of a process that recorded everything say so and hold nothing', () => {
    const log = begun();
    const [place] = leave(log, 0, 1);
    accept(log, 0, 'a');
    accept(log, 1, 'b');
    log.recorded(place!, 2);
    log.close();
    expect(files()).toHaveLength(1);
    expect(statSync(lastFile()).size).toBeLessThan(50);
    expect(opened().found).toEqual({ left: [], accepted: [], inParts: [] });
  });

  test('of a process that ended with something open keep it', () => {
    const log = begun();
    const [place] = leave(log, 0, 1);
    accept(log, 0, 'a');
    log.recorded(place!, 1);
    log.close();
    expect(opened().found).toEqual({ left: [message(1)], accepted: [accepted(0, 'a')], inParts: [] });
  });
});
