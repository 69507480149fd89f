import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { run, scratch, serve, start } from './cli.ts';

let house: House;
let root: Record<string, string>;

beforeAll(async () => {
  house = await startHouse();
  root = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
});
afterAll(() => house.stop());

/** A command as root with --json: its one JSON value, after exit code 0. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was printed
async function json(...args: string[]): Promise<any> {
  const ended = await run([...args, '--json'], root);
  expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr + ended.stdout }).toEqual({
    code: 0,
    stderr: '',
  });
  return ended.json;
}

describe('signet business', () => {
  it('creates a business whose password and key both work', async () => {
    const created = await json('business', 'create', 'first', '--password', 'first-secret', '--credits', '250');
    expect(created).toMatchObject({
      user: 'first',
      available: 250,
      api_key: expect.any(String),
      api_secret: expect.any(String),
    });
    expect(created).not.toHaveProperty('password');
    for (const [user, password] of [
      ['first', 'first-secret'],
      [created.api_key, created.api_secret],
    ]) {
      const me = await house.request('GET', '/api/v1/me', { user, password });
      expect(me.json).toMatchObject({ business_id: created.business_id, user: 'first' });
    }
  });

  it('generates a password and prints everything once, for people too', async () => {
    const ended = await run(['business', 'create', 'second'], root);
    expect(ended.code).toBe(0);
    const printed = Object.fromEntries(
      ended.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ +/)),
    );
    expect(Object.keys(printed)).toEqual(['user', 'password', 'business_id', 'api_key', 'api_secret', 'credits']);
    const me = await house.request('GET', '/api/v1/me', { user: 'second', password: printed.password });
    expect(me.status).toBe(200);
  });

  it('tops up, corrects, lists and shows', async () => {
    await json('business', 'create', 'third');
    expect(await json('business', 'top-up', 'third', '40', '--reason', 'invoice 7')).toMatchObject({ available: 40 });
    expect(await json('business', 'correct', 'third', '-15', '--reason', 'typo')).toMatchObject({ available: 25 });
    expect(await json('business', 'show', 'third')).toMatchObject({ user: 'third', available: 25, reserved: 0 });
    const { items } = await json('business', 'list');
    expect(items.map((item: { user: string }) => item.user)).toEqual(expect.arrayContaining(['root', 'third']));
    const statement = await house.asRoot('GET', '/api/v1/businesses/third/statement');
    expect(statement.json.items.map((entry: { reason: string }) => entry.reason)).toEqual(['typo', 'invoice 7']);
  });

  it('gives a new password, and suspends and resumes', async () => {
    await json('business', 'create', 'fourth', '--password', 'old-password');
    const { password } = await json('business', 'password', 'fourth');
    const status = async (secret: string) =>
      (await house.request('GET', '/api/v1/me', { user: 'fourth', password: secret })).status;
    expect(await status('old-password')).toBe(401);
    expect(await status(password)).toBe(200);
    expect(await json('business', 'password', 'fourth', '--password', 'new-password')).toEqual({ user: 'fourth' });
    expect(await json('business', 'suspend', 'fourth')).toMatchObject({ state: 'suspended' });
    expect(await status('new-password')).toBe(403);
    expect(await json('business', 'resume', 'fourth')).toMatchObject({ state: 'active' });
    expect(await status('new-password')).toBe(200);
  });
});

describe('signet channel', () => {
  it('adds, lists, disables, enables and removes', async () => {
    const port = String(house.simulator.port);
    const smpp = [
      '--host',
      '127.0.0.1',
      '--port',
      port,
      '--system-id',
      'cli',
      '--smpp-password',
      'pw',
      '--window',
      '7',
    ];
    const added = await json('channel', 'add', 'smpp', 'carrier', ...smpp, '--no-receipts', '--disabled');
    expect(added).toMatchObject({
      name: 'carrier',
      enabled: false,
      smpp: { system_id: 'cli', window: 7, receipts: false },
    });
    expect(JSON.stringify(added)).not.toContain('"pw"');
    expect(await json('channel', 'enable', 'carrier')).toMatchObject({ id: added.id, enabled: true });
    const bound = async () => {
      const { items, simulator } = await json('channel', 'list');
      expect(simulator).toBe(false);
      return items.find((item: { id: number }) => item.id === added.id).state.link === 'bound';
    };
    await until(bound, 'the channel to be bound');
    expect(await json('channel', 'disable', String(added.id))).toMatchObject({ enabled: false });
    expect(await json('channel', 'remove', 'carrier')).toEqual({ id: added.id, removed: true });
    const gone = await run(['channel', 'enable', 'carrier', '--json'], root);
    expect(gone).toMatchObject({ code: 1, json: { error: { code: 'channelNotFound' } } });
  });
});

describe('signet review', () => {
  it('shows what waits and decides it', async () => {
    const { user, password } = await house.createBusiness();
    const as = { user, password };
    const post = (path: string, body: unknown) => house.request('POST', path, { ...as, body });
    const { sign_id } = (await post('/v1/signature', { signature: 'Queue', source: 'x' })).json;
    expect((await json('review', 'list')).signatures).toContainEqual(
      expect.objectContaining({ id: sign_id, user, signature: 'Queue' }),
    );
    expect(await json('review', 'approve', 'signature', String(sign_id))).toMatchObject({ review: 'approved' });
    const template = { name: 'n', template: 't', type: 1, description: 'd', sign_id };
    const { temp_id } = (await post('/v1/template', template)).json;
    const rejected = await json('review', 'reject', 'template', String(temp_id), '--reason', 'too short');
    expect(rejected).toMatchObject({ review: 'rejected', reject_reason: 'too short' });
    expect((await json('review', 'list')).templates).not.toContainEqual(expect.objectContaining({ id: temp_id }));
  });
});

describe('signet backup', () => {
  it('makes a checked copy beside the running server, and never over another file', async () => {
    const directory = scratch();
    const file = join(directory, 'signet.db');
    const env = { SIGNET_DATA: house.dataDir };
    const made = await run(['backup', file, '--json'], env);
    expect(made.json).toEqual({ file, bytes: readFileSync(file).length, checked: true });
    const again = await run(['backup', file, '--json'], env);
    expect(again).toMatchObject({ code: 1, json: { error: { message: expect.stringContaining('exists') } } });
    expect(existsSync(file)).toBe(true);
    // The copy is a whole store by itself.
    const checked = await run(['doctor', '--json'], { ...root, SIGNET_DATA: directory });
    expect(checked.json.findings).toContainEqual(expect.objectContaining({ check: 'store', state: 'ok' }));
  });
});

describe('signet doctor', () => {
  it('finds a platform in good health', async () => {
    await until(
      async () => (await house.asRoot('GET', '/api/v1/channels')).json.items[0].state.link === 'bound',
      'a bind',
    );
    const { ok, findings } = (await run(['doctor', '--json'], { ...root, SIGNET_DATA: house.dataDir })).json;
    expect(ok).toBe(true);
    expect(findings.map((finding: { check: string; state: string }) => `${finding.check} ${finding.state}`)).toEqual([
      'settings ok',
      'data directory ok',
      'disk ok',
      'store ok',
      'server ok',
      'channel smsc ok',
    ]);
  });

  it('fails with advice when something is wrong', async () => {
    const env = { SIGNET_DATA: scratch(), SIGNET_URL: 'http://127.0.0.1:1', SIGNET_MIN_FREE_DISK_MB: '1000000000' };
    const ended = await run(['doctor'], env);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/fail {2}disk: [\d,]+ MB free\n {6}\S/);
    expect(ended.stderr).toMatch(/warn {2}store: /);
    expect(ended.stderr).toMatch(/fail {2}server: .*ECONNREFUSED.*\n {6}Start it with "signet serve"/);
    const unknown = await run(['doctor', '--json'], { SIGNET_DATTA: 'x' });
    expect(unknown).toMatchObject({ code: 1, json: { error: { code: 'unwell' } } });
    expect(unknown.json.error.findings[0]).toMatchObject({ check: 'settings', state: 'fail' });
  });
});

describe('what went wrong', () => {
  it.each([
    [['business', 'create', 'root'], 1, 'businessNameTaken'],
    [['business', 'show', 'nobody'], 1, 'businessNotFound'],
    [['business', 'create'], 2, 'usage'],
    [['business', 'top-up', 'root', '1.5'], 2, 'usage'],
    [['business'], 2, 'usage'],
    [['fly'], 2, 'usage'],
    [['channel', 'add', 'smpp', 'x', '--port', '1'], 2, 'usage'],
    [['review', 'approve', 'poem', '1'], 2, 'usage'],
    [['send', '--sign', '1', '--temp', '1', '--file', '/nonexistent.csv'], 2, 'usage'],
    [['smsc', '--receipts', 'perhaps'], 2, 'usage'],
  ])('%j ends with %i', async (args, code, word) => {
    const ended = await run([...args, '--json'], root);
    expect(ended).toMatchObject({ code, json: { error: { code: word, message: expect.any(String) } } });
    const human = await run(args, root);
    expect(human).toMatchObject({ code, stdout: '' });
    expect(human.stderr).toContain('signet: ');
  });

  it('says who was not let in, where no server is, and which setting is wrong', async () => {
    const list = ['business', 'list', '--json'];
    const wrong = await run(list, { ...root, SIGNET_PASSWORD: 'wrong' });
    expect(wrong).toMatchObject({
      code: 1,
      json: { error: { status: 401, advice: expect.stringContaining('SIGNET_PASSWORD') } },
    });
    const away = await run([...list, '--url', 'http://127.0.0.1:1'], root);
    expect(away).toMatchObject({ code: 1, json: { error: { code: 'unreachable' } } });
    const nobody = await run(list, { SIGNET_URL: house.url });
    expect(nobody).toMatchObject({ code: 2, json: { error: { advice: 'Set SIGNET_PASSWORD.' } } });
    const unknown = await run(list, { ...root, SIGNET_PASSWROD: 'x' });
    expect(unknown.json.error).toMatchObject({
      code: 'config',
      message: 'SIGNET_PASSWROD is not a setting: did you mean SIGNET_PASSWORD?',
    });
    const ordinary = await house.createBusiness();
    const refused = await run([...list, '--user', ordinary.user], { ...root, SIGNET_PASSWORD: ordinary.password });
    expect(refused).toMatchObject({
      code: 1,
      json: { error: { code: 'adminOnly', advice: expect.stringContaining('root') } },
    });
  });
});

describe('signet serve', () => {
  it('says with --json where it is, and ends with 0', async () => {
    const server = await serve({ SIGNET_DATA: scratch() });
    const { url, rootPassword } = server;
    const listed = await run(['business', 'list', '--json'], { SIGNET_URL: url, SIGNET_PASSWORD: rootPassword });
    expect(listed.json.items).toHaveLength(1);
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0, json: { url } });
  });

  it.each([
    [{ SIGNET_PORT: 'x' }, 'SIGNET_PORT is "x"'],
    [{ SIGNET_PROT: '1' }, 'SIGNET_PROT is not a setting: did you mean SIGNET_PORT?'],
  ])('does not start with %j', async (env, sentence) => {
    const ended = await run(['serve'], { SIGNET_DATA: scratch(), ...env } as Record<string, string>);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(sentence)]);
  });
});

describe('signet root reset', () => {
  it('refuses beside a running server, and works without one', async () => {
    const env = { SIGNET_DATA: scratch() };
    const passwordOf = async (expected: string | null) => {
      const server = await serve(env);
      const busy = await run(['root', 'reset', '--json'], env);
      expect(busy).toMatchObject({ code: 1, json: { error: { message: expect.stringContaining('stop it first') } } });
      const account = { SIGNET_URL: server.url, SIGNET_PASSWORD: expected ?? server.rootPassword };
      const listed = await run(['business', 'list', '--json'], account);
      expect(listed.code).toBe(0);
      server.child.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
    };
    const early = await run(['root', 'reset', '--json'], env);
    expect(early).toMatchObject({ code: 1, json: { error: { message: expect.stringContaining('no data') } } });
    await passwordOf(null);
    const reset = await run(['root', 'reset', '--json'], env);
    expect(reset.json).toEqual({ user: 'root', password: expect.any(String) });
    await passwordOf(reset.json.password);
  });
});

describe('signet smsc', () => {
  it('listens until it is ended, and tells what it counted', async () => {
    const log = join(scratch(), 'smsc.log');
    const smsc = start(['smsc', '--port', '0', '--log', log, '--receipts', 'delivered:9,undeliverable', '--json']);
    await until(() => existsSync(log), 'the SMSC to be up');
    smsc.child.kill('SIGINT');
    expect(await smsc.ended).toMatchObject({ code: 0, json: { port: expect.any(Number), submits: 0, binds: 0 } });
  });
});

describe('signet demo', () => {
  it('does the whole job by itself', async () => {
    const ended = await run(['demo', '--numbers', '200', '--json']);
    expect(ended).toMatchObject({
      code: 0,
      json: { ok: true, ledger_ok: true, states: { delivered: { messages: 200 } } },
    });
    const { directory } = /in (?<directory>\S+)\/numbers\.csv/.exec(ended.stderr)!.groups!;
    expect(existsSync(directory!)).toBe(false);
  });
});
