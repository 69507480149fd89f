import type { NoticeTable } from '../store.ts';
import type { Database } from './database.ts';
import type { Turn } from './turn.ts';

/** Rows that one transaction sweeps: more than it adds. */
const SWEEP = 20;

/** What transactions tell other processes, by the number of the transaction. */
export const noticeTable = (db: Database, turn: Turn): NoticeTable => ({
  async add(process, body, at, sweepBefore) {
    await db.run('INSERT INTO notice (seq, process, body, at) VALUES (?, ?, ?, ?)', turn.next, process, body, at);
    await db.run('DELETE FROM notice WHERE at < ? ORDER BY seq LIMIT ?', sweepBefore, SWEEP);
  },
});
