import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from './client.ts';

/** A proxy before several processes: it says by a cookie where whoever has none is sent. */
let proxy: Server;
let client: ApiClient;
let folder: string;
const seen: (string | undefined)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signet-client-'));
  proxy = createServer((request, response) => {
    seen.push(request.headers.cookie);
    request.resume();
    request.on('end', () => {
      if (request.headers.cookie === undefined)
        response.setHeader('set-cookie', ['way=api-2; Path=/; HttpOnly', 'x=; Max-Age=1']);
      response.end('{"here":true}');
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  client = new ApiClient({ url: `http://127.0.0.1:${port}`, user: 'root', password: 'p' });
});
afterAll(async () => {
  await client.close();
  proxy.close();
  rmSync(folder, { recursive: true });
});

test('a command stays with the process that a proxy has sent it to', async () => {
  const file = join(folder, 'list.csv');
  writeFileSync(file, 'a,b');
  expect((await client.upload('/lists', file, {}, new AbortController().signal)).status).toBe(200);
  await client.native('GET', '/lists');
  await client.download('/differences.csv', join(folder, 'differences.csv'));
  expect(readFileSync(join(folder, 'differences.csv'), 'utf8')).toBe('{"here":true}');
  expect(seen).toEqual([undefined, 'way=api-2; x=', 'way=api-2; x=']);
});
