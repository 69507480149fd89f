import type { LeaseTable } from '../store.ts';
import type { Database } from './database.ts';

/** See leases/mysql.ts for how leases are taken; here transactions ask and say what they have to. */
export const leaseTable = (db: Database): LeaseTable => ({
  async byName(name) {
    // A row that is being renewed is read as it was committed last.
    const row = await db.get('SELECT epoch, settled FROM lease WHERE name = ? AND owner IS NOT NULL', name);
    return row === undefined ? null : { epoch: row.epoch as number, settled: row.settled as number };
  },
  settle: (name, epoch) =>
    db.run('UPDATE lease SET settled = ? WHERE name = ? AND epoch = ? AND settled < ?', epoch, name, epoch, epoch),
});
