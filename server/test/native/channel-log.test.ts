import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, start } from '../cli/cli.ts';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { expectOk, numbersFrom, openSender, type Sender } from '../journeys/sender.ts';
import { type Client, nativeClients, rootOf } from './client.ts';

interface Line {
  id: string;
  kind: string;
  status: string;
  carrier_id: string;
  message_id: string | null;
  number: string;
  detail: string;
  duration_ms: number | null;
  part: { number: number; of: number; octets: number; data_coding: number } | null;
}

describe('the log of a channel', () => {
  let house: House;
  let sender: Sender;
  let root: Client;
  let env: Record<string, string>;
  let channel: number;
  let other: TestBusiness;

  beforeAll(async () => {
    house = await startHouse({ simulator: { rules: [{ suffix: '7', status: 'ESME_RINVDSTADR' }] } });
    sender = await openSender(house, { credits: 1_000 });
    root = (await nativeClients(house))(rootOf(house));
    env = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
    channel = (await root.get('/channels')).json.items[0].id;
    other = await house.createBusiness();
  });
  afterAll(() => house?.stop());

  const lines = async (query = ''): Promise<Line[]> =>
    expectOk(await root.get(`/channels/${channel}/log?limit=1000${query}`)).json.items;

  it('says what was exchanged: the bind, every part with its answer, every report', async () => {
    await sender.send(numbersFrom(0, 10));
    await until(async () => (await lines('&kind=report')).length >= 9, 'the reports');
    const all = await lines();
    expect(all.at(-1)).toMatchObject({
      kind: 'bind',
      status: 'ESME_ROK',
      detail: expect.stringMatching(/^transceiver/),
    });
    const submits = all.filter(({ kind }) => kind === 'submit');
    expect(submits).toHaveLength(10);
    const accepted = submits.filter(({ status }) => status === 'ESME_ROK');
    expect(accepted).toHaveLength(9);
    for (const line of submits) {
      expect(line).toMatchObject({ number: expect.stringMatching(/^\+\d{4}\*\*\*\d\d$/), part: { number: 1, of: 1 } });
      expect(line.duration_ms).toBeGreaterThanOrEqual(0);
    }
    const reported = new Set((await lines('&kind=report')).map((line) => line.carrier_id));
    expect(reported).toEqual(new Set(accepted.map((line) => line.carrier_id)));
    expect(all.find(({ kind }) => kind === 'report')).toMatchObject({
      status: 'ESME_ROK',
      detail: 'delivered',
      part: null,
    });
  });

  it('is asked for a message, a status, an id of the carrier, a time', async () => {
    const [refused] = await lines('&status=ESME_RINVDSTADR');
    expect(await lines(`&message=${refused!.message_id}`)).toEqual([refused]);
    const { json } = await root.get(`/messages/${refused!.message_id}`);
    expect(json).toMatchObject({ state: 'refused', error: 'ESME_RINVDSTADR' });
    const [accepted] = await lines('&status=ESME_ROK&kind=submit');
    const told = await lines(`&carrier_id=${encodeURIComponent(accepted!.carrier_id)}`);
    expect(told.map(({ kind }) => kind)).toEqual(['report', 'submit']);
    expect(await lines('&to=2020-01-01T00:00:00Z')).toEqual([]);
    expect((await lines('&from=2020-01-01T00:00:00%2B08:00')).length).toBeGreaterThan(10);
  });

  it('comes page after page, and what came later behind a line', async () => {
    const all = await lines();
    const found: Line[] = [];
    for (let cursor = ''; ; ) {
      const page = expectOk(await root.get(`/channels/${channel}/log?limit=4${cursor}`)).json;
      found.push(...page.items);
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(found).toEqual(all);
    expect(await lines(`&after=${all[3]!.id}`)).toEqual(all.slice(0, 3));
  });

  it('has no whole number and no text, in answers and on disk', async () => {
    const answer = (await root.get(`/channels/${channel}/log`)).text;
    const folder = join(house.dataDir, 'channel-log', String(channel));
    const disk = readdirSync(folder).map((name) => blocksOf(readFileSync(join(folder, name))));
    for (const said of [answer, ...disk]) {
      expect(said).not.toMatch(/1380013\d{4}/);
      expect(said).not.toContain('hello');
    }
  });

  it.each([
    ['cursor=abc', 'cursor'],
    ['after=abc', 'after'],
    ['message=12', 'message'],
    ['kind=nonsense', 'kind'],
    ['from=yesterday', 'from'],
    ['to=2026-02-30T00:00:00Z', 'to'],
    ['status=a%20b', 'status'],
    ['colour=red', 'colour'],
  ])('refuses ?%s', async (query, field) => {
    const answer = await root.get(`/channels/${channel}/log?${query}`);
    expect([answer.status, answer.json.code, answer.json.field]).toEqual([400, 'invalidField', field]);
  });

  it('is the administrator’s, of a channel that exists', async () => {
    expect((await root.get('/channels/999/log')).json.code).toBe('channelNotFound');
    const answer = await house.request('GET', `/api/v1/channels/${channel}/log`, other);
    expect([answer.status, answer.json.code]).toEqual([403, 'adminOnly']);
  });

  it('is shown and followed by the command', async () => {
    const shown = await run(['channel', 'log', 'smsc', '--status', 'ESME_RINVDSTADR'], env);
    expect(shown.stdout).toMatch(
      /^\S+Z {2}submit {2}bind 1 {2}ESME_RINVDSTADR {2}[\d.]+ ms {2}\+\d{4}\*\*\*\d7 {2}\d+ {2}\d+ octets, /,
    );
    const { json } = await run(['channel', 'log', 'smsc', '--limit', '2', '--json'], env);
    expect(json.items).toEqual((await lines()).slice(0, 2).reverse());
    const following = start(['channel', 'log', 'smsc', '--follow', '--json', '--kind', 'submit'], env);
    await until(() => following.stdout().split('\n').length > 10, 'the first lines');
    await sender.send(numbersFrom(20, 1));
    const last = () => JSON.parse(following.stdout().trim().split('\n').at(-1)!);
    await until(() => last().number === '+8613***20', 'the line of what came');
    following.child.kill('SIGINT');
    const { code, stdout } = await following.ended;
    expect(code).toBe(0);
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('outlives the server, and tells when the link was closed', async () => {
    const before = await lines();
    await house.terminate();
    await house.start();
    await until(async () => (await lines('&kind=bind')).length === 2, 'the next bind');
    const after = await lines();
    expect(after.slice(-before.length)).toEqual(before);
    expect(after.map(({ kind }) => kind)).toContain('unbind');
  });
});

it('is off when there is no room for it', async () => {
  const house = await startHouse({ env: { SIGNET_CHANNEL_LOG_MB: '0' } });
  try {
    const root = (await nativeClients(house))(rootOf(house));
    expect((await root.get('/channels/1/log')).json).toEqual({
      items: [],
      next_cursor: null,
      logging: false,
      unheard: [],
    });
    const env = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
    expect((await run(['channel', 'log', 'smsc'], env)).stderr).toContain('SIGNET_CHANNEL_LOG_MB is 0');
    expect(readdirSync(house.dataDir)).not.toContain('channel-log');
  } finally {
    await house.stop();
  }
});

/** What the blocks of a file say. */
function blocksOf(file: Buffer): string {
  let said = '';
  for (let at = 0; at < file.length; ) {
    const octets = file.readUInt32LE(at + 4);
    said += inflateRawSync(file.subarray(at + 48, at + 48 + octets)).toString('latin1');
    at += 48 + octets;
  }
  return said;
}
