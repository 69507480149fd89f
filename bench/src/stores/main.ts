import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MysqlStore } from 'signet/internal/store/mysql/mysql';
import { SqliteStore } from 'signet/internal/store/sqlite/sqlite';
import { cpuSeconds } from '../lib/proc.ts';
import { MariaDb } from '../servers/mariadb.ts';
import { type BatchRate, measureBatches } from './rates.ts';

/** `node bench/dist/stores/main.js [--batches N] [--folder DIR] [--only sqlite|mysql]`: what the batches of each store cost. */
const { values } = parseArgs({
  options: {
    batches: { type: 'string', default: '10' },
    folder: { type: 'string', default: tmpdir() },
    only: { type: 'string' },
  },
});

const folder = mkdtempSync(join(values.folder, 'signet-stores-'));
const batches = Number(values.batches);
try {
  if (values.only !== 'mysql') {
    const store = new SqliteStore(join(folder, 'signet.db'), 'write');
    print('SQLite', await measureBatches(store, () => 0, batches));
    await store.close();
  }
  if (values.only !== 'sqlite') {
    const server = await MariaDb.start(folder);
    try {
      const store = await MysqlStore.open(server.url, 'write');
      print('MariaDB', await measureBatches(store, () => cpuSeconds(server.pid) * 1_000, batches));
      await store.close();
    } finally {
      await server.stop();
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

function print(name: string, rates: readonly BatchRate[]): void {
  process.stdout.write(
    `\n${name}\n\n| batch | messages/s | ms a batch | µs CPU, own | µs CPU, server |\n|---|---|---|---|---|\n`,
  );
  for (const { what, messagesPerS, batchMs, ownCpuUs, serverCpuUs } of rates) {
    const row = [what, Math.round(messagesPerS), batchMs.toFixed(0), ownCpuUs.toFixed(1), serverCpuUs.toFixed(1)];
    process.stdout.write(`| ${row.join(' | ')} |\n`);
  }
}
