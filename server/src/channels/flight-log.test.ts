import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FlightLog } from './flight-log.ts';

describe('the flight log', () => {
  let dir: string;
  let log: FlightLog;
  const files = () => readdirSync(dir).sort((a, b) => Number(a.match(/\d+/)) - Number(b.match(/\d+/)));
  const path = (file: string) => join(dir, file);
  /** What another process finds. */
  const found = (bootId = 'boot-a') => new FlightLog(dir, bootId).recover();
  const leaving = (planId: number, ...indexes: number[]) => indexes.map((index) => log.leaving(planId, index));

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signet-flight-'));
    log = new FlightLog(dir, 'boot-a');
    log.recover();
    log.forget();
  });
  afterEach(() => {
    log.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('tells what had left and was not answered', () => {
    leaving(1, 0, 1, 2, 3);
    leaving(2, 0);
    log.accepted(7, 1, 1, 8_613_800_130_001, ['abc']);
    log.notAccepted(1, 2);
    log.write();
    expect(found()).toEqual({
      left: [
        { planId: 1, index: 0 },
        { planId: 1, index: 3 },
        { planId: 2, index: 0 },
      ],
      accepted: [{ channelId: 7, planId: 1, index: 1, recipient: 8_613_800_130_001, carrierIds: ['abc'] }],
    });
  });

  it('keeps the ids of every part', () => {
    leaving(1, 0);
    log.accepted(7, 1, 0, 8_613_800_130_000, ['a', 'b', 'c']);
    log.write();
    expect(found().accepted[0]!.carrierIds).toEqual(['a', 'b', 'c']);
  });

  it('counts a message that left again after a no as left', () => {
    leaving(1, 0);
    log.notAccepted(1, 0);
    leaving(1, 0);
    log.write();
    expect(found().left).toEqual([{ planId: 1, index: 0 }]);
  });

  it('says nothing that was not written', () => {
    leaving(1, 0);
    expect(found().left).toEqual([]);
  });

  it('passes by a line that was cut off', () => {
    leaving(1, 10);
    log.write();
    appendFileSync(path(files().at(-1)!), 'w 1 1');
    expect(found().left).toEqual([{ planId: 1, index: 10 }]);
  });

  it('is empty after it was forgotten', () => {
    leaving(1, 0);
    log.write();
    const next = new FlightLog(dir, 'boot-a');
    next.recover();
    next.forget();
    expect(files()).toHaveLength(1);
    expect(found()).toEqual({ left: [], accepted: [] });
    next.close();
  });

  describe('tells nothing of what had left', () => {
    beforeEach(() => {
      leaving(1, 0);
      log.accepted(7, 1, 0, 8_613_800_130_000, ['abc']);
      leaving(1, 1);
      log.write();
    });

    it('when the machine was started anew, but what was accepted counts', () => {
      const { left, accepted } = found('boot-b');
      expect(left).toBeNull();
      expect(accepted).toHaveLength(1);
    });

    it('when the system does not tell which start this is', () => {
      expect(found('').left).toBeNull();
    });

    it('when its files are empty', () => {
      for (const file of files()) truncateSync(path(file), 0);
      expect(found().left).toBeNull();
    });

    it('when it is gone', () => {
      rmSync(dir, { recursive: true });
      expect(found().left).toBeNull();
    });

    it('when files of two starts lie together', () => {
      writeFileSync(path('flight-99.log'), 'b boot-b\nw 1 5\n');
      expect(found().left).toBeNull();
    });
  });

  describe('in several files', () => {
    /** Makes the log go on in the next file. */
    const rotate = () => {
      const before = files().at(-1);
      for (let i = 0; files().at(-1) === before; i++) {
        for (let j = 0; j < 2_000; j++)
          log.accepted(7, 9, i * 2_000 + j, 8_613_800_130_000, ['0123456789abcdef'.repeat(20)]);
        log.write();
      }
    };

    it('reads them in the order they were written', () => {
      leaving(1, 0);
      rotate();
      log.accepted(7, 1, 0, 8_613_800_130_000, ['abc']);
      leaving(1, 1);
      log.write();
      expect(files().length).toBe(2);
      const { left, accepted } = found();
      expect(left).toEqual([{ planId: 1, index: 1 }]);
      expect(accepted.find(({ planId }) => planId === 1)).toMatchObject({ index: 0, carrierIds: ['abc'] });
    });

    it('drops a file when all that left in it is recorded, oldest first', () => {
      const [first] = leaving(1, 0, 1);
      rotate();
      const [second] = leaving(1, 2);
      rotate();
      leaving(1, 3);
      log.write();
      expect(files()).toHaveLength(3);
      expect([first, second]).toEqual([1, 2]);
      // The second is done first; the first still holds a message whose answer may stand in the second.
      log.recorded(second!, 1);
      expect(files()).toHaveLength(3);
      log.recorded(first!, 1);
      expect(files()).toHaveLength(3);
      log.recorded(first!, 1);
      expect(files()).toEqual(['flight-3.log']);
      expect(found().left).toEqual([{ planId: 1, index: 3 }]);
    });

    it('never drops the one it writes', () => {
      const [place] = leaving(1, 0);
      log.write();
      log.recorded(place!, 1);
      expect(files()).toEqual(['flight-1.log']);
      expect(readFileSync(path('flight-1.log'), 'latin1')).toBe('b boot-a\nw 1 0\n');
    });
  });
});
