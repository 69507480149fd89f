import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ServerProcess } from './server-process.ts';

it('does not take whoever has its port for the server that it started', async () => {
  const other = createServer((_, answer) => answer.end('{"status":"ready"}'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const dataDir = mkdtempSync(join(tmpdir(), 'signet-test-'));
  const { port } = other.address() as { port: number };
  const server = new ServerProcess(port, dataDir, {});
  onTestFinished(async () => {
    await server.end('SIGKILL');
    other.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  expect(await server.ready()).toBe(true);
  await expect(server.start()).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
});
