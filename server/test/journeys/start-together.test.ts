import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, until } from '../house.ts';
import { haveMysql, TestDatabase } from '../mysql.ts';
import { ServerProcess } from '../server-process.ts';

/** Two processes that are started at the same moment on a database that has nothing yet. */
describe.skipIf(!(await haveMysql()))('two servers that start together', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-together-'));
  let database: TestDatabase;
  const servers: ServerProcess[] = [];
  beforeAll(async () => {
    database = await TestDatabase.make();
    for (const name of ['a', 'b']) {
      const dataDir = join(folder, name);
      mkdirSync(dataDir);
      const env = { SIGNET_STORE: database.url, SIGNET_ROOT_PASSWORD: undefined };
      servers.push(new ServerProcess(await freePort(), dataDir, env));
    }
    await Promise.all(servers.map((server) => server.start()));
    await until(
      () => servers.every(({ output }) => output.includes('A first message')),
      'both to say that they are up',
    );
  });
  afterAll(async () => {
    for (const server of servers) await server.end('SIGTERM');
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('make up one password of the administrator, which one of them tells and both take', async () => {
    const told = servers.flatMap(({ output }) => /^ +Password: +(\S+) /m.exec(output)?.[1] ?? []);
    expect(told).toHaveLength(1);
    expect(await database.run('SELECT count(*) AS admins FROM business WHERE admin = 1')).toEqual([{ admins: 1 }]);
    for (const { url } of servers) {
      const authorization = `Basic ${Buffer.from(`root:${told[0]}`).toString('base64')}`;
      const answer = await fetch(`${url}/api/v1/businesses`, { headers: { authorization } });
      expect(answer.status).toBe(200);
    }
  });
});
