import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Bell, Rung } from './bell.ts';

/** The bells of two processes of one installation, for one test. */
export interface OpenedBells {
  a: Bell;
  b: Bell;
  /** A transaction of a process tells something, and is committed. */
  tell(process: 'a' | 'b', body: string): Promise<void>;
  /** The same, undone. */
  tellInVain(process: 'a' | 'b', body: string): Promise<void>;
  end(): Promise<void>;
}

const WAIT = { timeout: 60_000, interval: 5 };

/** What every bell promises (bell.ts). */
export function bellContract(name: string, open: () => Promise<OpenedBells>): void {
  describe(name, () => {
    let bells: OpenedBells;
    const heard: Record<'a' | 'b', Rung[]> = { a: [], b: [] };
    beforeEach(async () => {
      bells = await open();
      heard.a = [];
      heard.b = [];
    });
    afterEach(async () => {
      await bells.a.stop();
      await bells.b.stop();
      await bells.end();
    });
    const start = async (which: 'a' | 'b') => {
      await bells[which].start({
        heard: (rung) => heard[which].push(...rung),
        missed: () => expect.unreachable('nothing was missed'),
      });
    };
    const tell = async (process: 'a' | 'b', body: string) => {
      await bells.tell(process, body);
      bells[process].ring('all');
    };
    const bodies = (which: 'a' | 'b') => heard[which].map(({ body }) => body);

    test('tells what others have changed since, in order, and nothing of its own', async () => {
      await tell('a', 'before');
      await start('a');
      await start('b');
      await tell('a', 'one');
      await tell('b', 'two');
      await tell('a', 'three');
      await bells.tellInVain('a', 'never');
      await tell('a', '次');
      await vi.waitFor(() => expect(bodies('b')).toEqual(['one', 'three', '次']), WAIT);
      await vi.waitFor(() => expect(bodies('a')).toEqual(['two']), WAIT);
      expect(heard.b.map(({ process }) => process)).toEqual(['a', 'a', 'a']);
      const seqs = heard.b.map(({ seq }) => seq);
      expect(seqs).toEqual([...seqs].sort((x, y) => x - y));
      expect(bells.b.heardUpTo).toBe(seqs.at(-1));
    });

    test('tells everything of much, once each', async () => {
      await start('b');
      const all = Array.from({ length: 1_200 }, (_, i) => String(i));
      for (const body of all) await bells.tell('a', body);
      bells.a.ring('all');
      await vi.waitFor(() => expect(bodies('b')).toHaveLength(all.length), WAIT);
      expect(bodies('b')).toEqual(all);
    });
  });
}
