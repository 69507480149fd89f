import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deaths, haveEngines, measureDeaths } from '../../../bench/src/deaths/deaths.ts';
import { have } from '../needs.ts';

const MESSAGES = 3_000;
const LIMIT_MS = 900_000;

/** The small form of `npm run bench -- --scenario cluster-deaths`. */
describe.runIf(have('MariaDB, RabbitMQ and Redis as programs', haveEngines()))(
  'an installation whose parts die',
  () => {
    const workDir = mkdtempSync(join(tmpdir(), 'signet-deaths-'));
    let seen: Deaths;

    beforeAll(async () => {
      const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31));
      console.log(`deaths: seed ${seed} (CRASH_SEED=${seed} repeats its choices)`);
      seen = await measureDeaths({
        messages: MESSAGES,
        kills: 4,
        engines: [
          { engine: 'mariadb', signal: 'SIGKILL', lost: false, awayMs: 1_000 },
          { engine: 'rabbitmq', signal: 'SIGKILL', lost: true, awayMs: 0 },
          { engine: 'redis', signal: 'SIGKILL', lost: true, awayMs: 0 },
        ],
        seed,
        workDir,
        say: (line) => console.log(`deaths: ${line}`),
      });
    }, LIMIT_MS);
    afterAll(() => rmSync(workDir, { recursive: true, force: true }));

    it('loses no message that it accepted', () => {
      expect(seen.lost).toEqual([]);
      expect(seen.accepted).toBeGreaterThanOrEqual(MESSAGES);
    });

    it('charges each once, and keeps its books', () => {
      expect(seen.wronglyCharged).toEqual([]);
      expect(seen.ledgerFaults).toEqual([]);
    });

    it('sends again at most what was in flight, and marks it', () => {
      expect(seen.unflagged).toEqual([]);
      expect(seen.repeats).toBeLessThanOrEqual(seen.inFlight);
    });

    it('answers 503 with Retry-After in the form of each dialect while its store is away, and accepts without the others', () => {
      expect(seen.wrong).toEqual([]);
    });

    it('goes on by itself', () => {
      expect(seen.deaths).toHaveLength(7);
      expect(seen.endedByThemselves).toEqual([]);
    });
  },
);
