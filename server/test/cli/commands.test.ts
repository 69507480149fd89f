import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type Answer, type DeliverSm, EsmeSession, STATUS } from '@signet/smpp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { openSender } from '../journeys/sender.ts';
import { haveMysql, TestDatabase } from '../mysql.ts';
import { LOCALHOST_TLS } from '../tls.ts';
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
  it('gives a business a weight', async () => {
    await json('business', 'create', 'heavy');
    expect(await json('business', 'weight', 'heavy', '3')).toMatchObject({ user: 'heavy', weight: 3 });
    expect((await run(['business', 'weight', 'heavy', '101'], root)).code).toBe(2);
  });

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

describe('signet key', () => {
  it('creates, lists, changes, switches and deletes API keys', async () => {
    await json('business', 'create', 'keyed');
    const made = await json(
      'key',
      'create',
      '--business',
      'keyed',
      '--description',
      'ci',
      '--permissions',
      'send,read',
    );
    expect(made).toMatchObject({ description: 'ci', permissions: ['send', 'read'], api_secret: expect.any(String) });
    const status = async () =>
      (await house.request('GET', '/api/v1/balance', { user: made.api_key, password: made.api_secret })).status;
    expect(await status()).toBe(200);
    const id = String(made.id);
    const limits = ['--addresses', '192.0.2.0/24,2001:db8::1', '--expires', '2099-01-01T00:00:00Z'];
    expect(await json('key', 'edit', id, ...limits)).toMatchObject({
      description: 'ci',
      allowed_addresses: ['192.0.2.0/24', '2001:db8::1'],
      expires_at: '2099-01-01T00:00:00.000Z',
    });
    expect(await status()).toBe(403);
    expect(await json('key', 'edit', id, '--no-addresses', '--no-expires')).toMatchObject({
      allowed_addresses: [],
      expires_at: null,
    });
    expect(await json('key', 'disable', id)).toMatchObject({ state: 'disabled' });
    expect(await status()).toBe(401);
    expect(await json('key', 'enable', id)).toMatchObject({ state: 'active' });
    const { items } = await json('key', 'list', '--business', 'keyed');
    expect(items).toHaveLength(2);
    expect(JSON.stringify(items)).not.toContain(made.api_secret);
    expect(await json('key', 'delete', id)).toEqual({ id: made.id, deleted: true });
    expect(await status()).toBe(401);
  });

  it('prints its secret once, for people too, and refuses nonsense', async () => {
    const ended = await run(['key', 'create', '--description', 'for root'], root);
    expect(ended.stdout).toMatch(/^api_secret +[A-Za-z0-9_-]{43}$/m);
    expect(ended.stderr).toContain('not shown again');
    expect((await run(['key', 'list'], root)).stdout).toContain('for root');
    expect((await run(['key', 'edit', 'x', '--no-expires'], root)).code).toBe(2);
    expect(await run(['key', 'edit', '1'], root)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing'),
    });
    const refused = await run(['key', 'create', '--permissions', 'all', '--json'], root);
    expect([refused.code, refused.json.error.field]).toEqual([1, 'permissions.0']);
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
    const added = await json(
      'channel',
      'add',
      'smpp',
      'carrier',
      ...smpp,
      '--registered-delivery',
      'none',
      '--disabled',
    );
    expect(added).toMatchObject({
      name: 'carrier',
      enabled: false,
      smpp: { system_id: 'cli', window: 7, registered_delivery: 'none' },
    });
    expect(JSON.stringify(added)).not.toContain('"pw"');
    expect(await json('channel', 'enable', 'carrier')).toMatchObject({ id: added.id, enabled: true });
    const bound = async () => {
      const { items, simulator } = await json('channel', 'list');
      expect(simulator).toBe(false);
      return items.find((item: { id: number }) => item.id === added.id).state.link === 'bound';
    };
    await until(bound, 'the channel to be bound');
    expect(await json('channel', 'edit', 'smpp', 'carrier', '--window', '9')).toMatchObject({ smpp: { window: 9 } });
    expect(await json('channel', 'show', 'carrier')).toMatchObject({
      kind: 'smpp',
      smpp: { window: 9, registered_delivery: 'none' },
    });
    const change = ['--rate', '500', '--alphabets', 'ucs2', '--senders', '2=Two,3=10690', '--no-tls-verify'];
    const settings = { rate: 500, alphabets: ['ucs2'], senders: { '2': 'Two', '3': '10690' }, tls_verify: false };
    expect(await json('channel', 'edit', 'smpp', 'carrier', ...change)).toMatchObject({ smpp: settings });
    const unlimited = await json('channel', 'edit', 'smpp', 'carrier', '--rate', 'none');
    expect(unlimited.smpp).toMatchObject({ ...settings, rate: null, window: 9 });
    const { stdout } = await run(['channel', 'show', 'carrier'], root);
    expect(stdout).toContain(`127.0.0.1:${port}`);
    expect(stdout).toMatch(/senders +2=Two,3=10690/);
    expect(await json('channel', 'disable', String(added.id))).toMatchObject({ enabled: false });
    expect(await json('channel', 'remove', 'carrier')).toEqual({ id: added.id, removed: true });
    const gone = await run(['channel', 'enable', 'carrier', '--json'], root);
    expect(gone).toMatchObject({ code: 1, json: { error: { code: 'channelNotFound' } } });
  });

  it('sends a real text over one channel, and says what became of it', async () => {
    const to = '+8613800138000';
    const test = ['channel', 'test', 'smsc', '--to', to, '--text', '【Acme】This is no drill.'];
    const tested = await json(...test);
    expect(tested).toMatchObject({ to, state: 'delivered', segments: 1, settled: 0 });
    const shown = await run(test, root);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^message +\d+\nstate +delivered$/m);
    expect(shown.stdout).toMatch(/^delivered at +\d{4}-/m);
    const left = await json(...test, '--no-wait');
    expect(left.message_id).not.toBe(tested.message_id);

    const nobody = await run(['channel', 'test', 'smsc', '--to', '12', '--text', 'x', '--json'], root);
    expect(nobody).toMatchObject({ code: 1, json: { error: { code: 'invalidField', field: 'to' } } });
    const nowhere = await run(['channel', 'test', 'gone', '--to', to, '--text', 'x', '--json'], root);
    expect(nowhere).toMatchObject({ code: 1, json: { error: { code: 'channelNotFound' } } });
    expect((await run(['channel', 'test', 'smsc', '--to', to], root)).code).toBe(2);
  });
});

describe('signet channel of the kinds that speak HTTP', () => {
  it('adds, previews, changes and shows one that a file describes', async () => {
    const file = join(scratch(), 'acme.json');
    const url = 'https://acme.example/send';
    writeFileSync(file, JSON.stringify({ url, body: { to: '{to}', text: '{text}', key: '{secret.key}' } }));
    const add = ['channel', 'add', 'http', 'acme', '--file', file, '--rate', '5', '--disabled'];
    const missing = await run([...add, '--json'], root);
    expect(missing).toMatchObject({ code: 1, json: { error: { field: 'http.body' } } });
    const added = await run([...add, '--secret', 'key=hush', '--sender', 'ACME'], root);
    expect(added.stdout).toMatch(/channel acme \(\d+\) is added; its callbacks come to \/callbacks\/channels\//);
    const preview = await run(['channel', 'preview', 'acme', '--to', '+8613800138000', '--text', '"hi"'], root);
    expect(preview.stdout).toContain(`POST ${url}\n`);
    expect(preview.stdout).toContain('{"to":"+8613800138000","text":"\\"hi\\"","key":"***"}');
    const edit = await json('channel', 'edit', 'http', 'acme', '--rate', 'none', '--window', '3', '--secret', 'b=x=y');
    expect(edit.http).toMatchObject({ rate: null, window: 3, sender: 'ACME', secrets: ['key', 'b'] });
    const shown = await run(['channel', 'show', 'acme'], root);
    expect(shown.stdout).toContain('https://acme.example');
    expect(shown.stdout).not.toContain('hush');
    expect((await run(['channel', 'edit', 'http', 'acme'], root)).code).toBe(2);
    expect((await run(['channel', 'add', 'http', 'x', '--file', '/nonexistent.json'], root)).code).toBe(2);
    await json('channel', 'remove', 'acme');
  });

  it('adds and changes one that sends through another platform', async () => {
    const options = ['--address', 'https://other.example', '--api-key', 'k', '--api-secret', 'hush', '--disabled'];
    const added = await json(
      'channel',
      'add',
      'engagelab',
      'other',
      ...options,
      '--template',
      '7',
      '--map',
      '1=70,2=80',
    );
    expect(added.engagelab).toMatchObject({ template: '7', templates: { 1: '70', 2: '80' }, idempotent: true });
    expect(JSON.stringify(added)).not.toContain('hush');
    const edited = await json('channel', 'edit', 'engagelab', 'other', '--no-idempotent', '--networks', '10.0.0.0/8');
    expect(edited.engagelab).toMatchObject({ idempotent: false, networks: ['10.0.0.0/8'], template: '7' });
    await json('channel', 'remove', 'other');
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

describe.skipIf(!(await haveMysql()))('signet migrate', () => {
  it('moves an installation to MySQL once no server runs, and a server goes on there', async () => {
    const database = await TestDatabase.make();
    onTestFinished(async () => {
      await database.drop();
    });
    const env = { SIGNET_DATA: scratch() };
    const migrate = (...args: string[]) => run(['migrate', '--json', ...args], env);
    const to = ['--from', 'sqlite', '--to', database.url];
    expect(await migrate(...to)).toMatchObject({ code: 1, json: { error: { code: 'migrate' } } });
    const before = await serve(env);
    const as = (url: string) => ({ SIGNET_URL: url, SIGNET_PASSWORD: before.rootPassword });
    expect((await run(['business', 'create', 'moved', '--credits', '250', '--json'], as(before.url))).code).toBe(0);
    const busy = await migrate(...to);
    expect(busy).toMatchObject({ code: 1, json: { error: { message: expect.stringContaining('stop it first') } } });
    before.child.kill('SIGTERM');
    expect((await before.ended).code).toBe(0);
    expect((await migrate('--from', 'x', '--to', database.url)).code).toBe(2);
    expect((await migrate('--from', 'sqlite', '--to', 'http://x')).code).toBe(2);

    const moved = await migrate(...to);
    expect(moved).toMatchObject({ code: 0, json: { checked: true } });
    expect(moved.json.moved).toContainEqual({ table: 'business', rows: 2 });
    const again = await migrate(...to);
    expect(again).toMatchObject({ code: 1, json: { error: { message: expect.stringContaining('not empty') } } });

    const after = await serve({ ...env, SIGNET_STORE: database.url });
    try {
      const { items } = (await run(['business', 'list', '--json'], as(after.url))).json;
      expect(items).toContainEqual(expect.objectContaining({ user: 'moved' }));
    } finally {
      after.child.kill('SIGTERM');
      await after.ended;
    }
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

  it('says what the server does not reach', async () => {
    const parts = {
      store: { kind: 'mysql', state: 'reachable' },
      queue: { kind: 'rabbitmq', state: 'away', reason: 'messages wait' },
      redis: { kind: 'redis', state: 'away', reason: 'limits are counted in the store' },
    };
    const server = createServer((_, answer) => answer.end(JSON.stringify({ status: 'ready', parts })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const ended = await run(['doctor'], { SIGNET_DATA: scratch(), SIGNET_URL: `http://127.0.0.1:${port}` });
    server.close();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/ok {4}server: /);
    expect(ended.stderr).toMatch(/fail {2}queue: RabbitMQ: messages wait\n {6}\S/);
    expect(ended.stderr).toMatch(/warn {2}redis: Redis: limits are counted in the store\n {6}\S/);
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
    [['smsc', '--ids', 'roman'], 2, 'usage'],
    [['smsc', '--refuse-binds', 'ESME_RNONSENSE'], 2, 'usage'],
    [['smsc', '--garbage', '101'], 2, 'usage'],
    [['smsc', '--half-open-every', '5', '--half-open-after-ms', '5'], 2, 'usage'],
    [['smsc', '--tls-cert', '/nonexistent.pem'], 2, 'usage'],
    [['smsc', '--tls-cert', '/nonexistent.pem', '--tls-key', '/nonexistent.pem'], 2, 'usage'],
    [['smsc', '--rule', 'share=0.5.1'], 2, 'usage'],
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

describe('signet smsc as a carrier', () => {
  it('takes every knob, and delivers what is typed', async () => {
    const folder = scratch();
    const [cert, key, log] = ['cert.pem', 'key.pem', 'smsc.log'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(cert, LOCALHOST_TLS.cert);
    writeFileSync(key, LOCALHOST_TLS.key);
    const knobs = [
      ...['smsc', '--port', '0', '--tls-cert', cert, '--tls-key', key, '--smpp-version', '5.0', '--max-binds', '1'],
      ...['--ids', 'padded-decimal', '--receipt-ids', 'other-base', '--part-receipts', 'first', '--answer-ms', '1-5'],
      ...['--early-receipts', '100%', '--late-receipts', '0.5', '--late-ms', '100-200', '--duplicate-receipts', '100'],
      ...[
        '--shuffle-receipts',
        '--no-receipt-text',
        '--drop-chance',
        '0',
        '--half-open-chance',
        '0',
        '--garbage',
        '100',
      ],
      ...['--broken-streams', '0', '--read-pause-ms', '1', '--rule', 'share=100%,suffix=9,status=ESME_RMSGQFUL'],
      ...['--inbound', '--inbound-long', 'sar', '--log', log, '--log-text', '--json'],
    ];
    const smsc = start(knobs, {}, 'pipe');
    await until(() => /SMSC on [^ ]*:\d+/.test(smsc.stderr()), 'the SMSC to say where it is');
    const port = Number(/SMSC on [^ ]*:(\d+)/.exec(smsc.stderr())![1]);
    const esme = new EsmeSession<number>({
      ...{ host: '127.0.0.1', port, system_id: 'cli', interface_version: 0x50 },
      tls: { ca: LOCALHOST_TLS.cert, servername: 'localhost' },
    });
    const delivered: DeliverSm[] = [];
    const answers: Answer<number>[] = [];
    esme.on('results', (batch) => answers.push(...batch));
    esme.on('pdus', (pdus) => {
      for (const pdu of pdus) if (pdu.command === 'deliver_sm') delivered.push(pdu);
      esme.respondMany(pdus);
    });
    expect(await esme.open()).toMatchObject({ interfaceVersion: 0x50 });
    const submit = (destination_addr: string) => ({ destination_addr, registered_delivery: 1, short_message: 'hello' });
    esme.submitMany([submit('447400123000'), submit('447400123009')], [0, 1]);
    await until(() => answers.length === 2 && delivered.length === 2, 'answers, and a receipt that comes twice');
    expect(answers.map((each) => [each.context, each.status]).sort()).toEqual([
      [0, 0],
      [1, STATUS.ESME_RMSGQFUL],
    ]);
    const { messageId } = answers.find((each) => each.status === 0)!;
    for (const pdu of delivered) {
      expect(pdu.short_message).toHaveLength(0);
      expect(BigInt(`0x${pdu.tlvs!.receipted_message_id}`)).toBe(BigInt(messageId));
    }
    smsc.child.stdin!.write(`nonsense\n+447400123001 15550100 STOP\n447400123001 15550100 ${'long '.repeat(40)}\n`);
    await until(() => delivered.length === 5, 'a short text and a long one in two parts');
    const texts = delivered.slice(2);
    expect(texts.map((pdu) => pdu.short_message.toString())).toContain('STOP');
    // Shuffled, like the receipts.
    const parts = texts.filter(({ tlvs }) => tlvs?.sar_total_segments === 2);
    expect(parts.map(({ tlvs }) => tlvs!.sar_segment_seqnum).sort()).toEqual([1, 2]);
    await until(() => smsc.stderr().split(': taken').length === 3, 'what became of them');
    expect(smsc.stderr()).toContain('"nonsense" is not "FROM TO TEXT"');
    await esme.unbind();
    smsc.child.kill('SIGINT');
    const ended = await smsc.ended;
    expect(ended).toMatchObject({
      code: 0,
      json: { submits: 2, receipts_early: 1, receipts_duplicated: 1, inbound_answered: 3, peak_per_second: 2 },
    });
    expect(ended.json.garbage_sent).toBeGreaterThan(0);
    expect(ended.json.answer_median_ms).toBeGreaterThan(0);
    expect(readFileSync(log, 'utf8')).toContain('\thello\n');
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

describe('signet route', () => {
  it('adds, lists, explains, edits, moves and removes', async () => {
    await json(
      'channel',
      'add',
      'smpp',
      'route-b',
      '--host',
      '127.0.0.1',
      '--port',
      '1',
      '--system-id',
      'x',
      '--smpp-password',
      'x',
      '--disabled',
    );
    await json('business', 'create', 'routed');
    const [a, b] = (await json('channel', 'list')).items.filter((c: { name: string }) => /smsc|route-b/.test(c.name));
    const added = await json(
      ...['route', 'add', 'cn', '--country', 'cn,GB', '--prefix', '+8613,447', '--category', 'verification'],
      ...['--business', 'routed', '--to', 'smsc=70', '--fallback', 'route-b', '--sticky'],
    );
    expect(added).toMatchObject({
      position: 1,
      countries: ['CN', 'GB'],
      prefixes: ['8613', '447'],
      categories: ['verification'],
      businesses: [expect.any(Number)],
      targets: [{ channel_id: a.id, weight: 70 }],
      fallback: [b.id],
      sticky: true,
    });
    expect(await json('route', 'add', 'rest', '--to', 'smsc,route-b=2', '--at', '1')).toMatchObject({ position: 1 });
    expect(await json('route', 'move', 'rest', '2')).toMatchObject({ position: 2 });
    expect((await json('route', 'list')).items.map((r: { name: string }) => r.name)).toEqual(['cn', 'rest']);
    const listed = (await run(['route', 'list'], root)).stdout;
    expect(listed).toContain('CN, GB; 8613…, 447…; verification; business');
    expect(listed).toContain('smsc, else route-b');
    expect(listed).toContain('smsc=1, route-b=2');

    const asked = ['route', 'explain', '+8613800138000', '--category', 'verification', '--business', 'routed'];
    expect(await json(...asked)).toMatchObject({ route_id: added.id, channel_id: a.id });
    const said = (await run(asked, root)).stdout;
    expect(said).toContain('Route cn fits: the message goes over smsc.');
    expect(said).toContain('channel route-b (fallback, disabled): it is disabled');

    const edited = await json(
      'route',
      'edit',
      'cn',
      '--country',
      'any',
      '--no-sticky',
      '--no-enabled',
      '--name',
      'codes',
    );
    expect(edited).toMatchObject({
      name: 'codes',
      countries: [],
      sticky: false,
      enabled: false,
      prefixes: ['8613', '447'],
    });
    expect((await json('route', 'edit', 'codes', '--enabled')).enabled).toBe(true);
    expect((await run(['route', 'edit', 'codes'], root)).code).toBe(2);
    expect((await run(['route', 'add', 'x', '--to', 'nowhere'], root)).stderr).toContain('there is no channel nowhere');
    expect((await run(['route', 'remove', 'x'], root)).stderr).toContain('there is no route x');
    for (const name of ['codes', 'rest']) expect(await json('route', 'remove', name)).toMatchObject({ removed: true });
    await json('channel', 'remove', 'route-b');
  });
});

describe('signet report', () => {
  it('finds what carriers reported, and tells that everything spoke of a message', async () => {
    await (await openSender(house)).send(['13800138077']);
    // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was printed
    let found: any;
    await until(async () => {
      found = await json('report', 'find', '--to', '+8613800138077');
      return found.items.length > 0;
    }, 'the report');
    const [{ carrier_id: id, raw }] = found.items;
    expect(found.items[0]).toMatchObject({ to: '+8613800138077', state: 'delivered' });
    expect(await json('report', 'find', id, '--limit', '5')).toEqual(found);
    const shown = await run(['report', 'find', id], root);
    expect(shown.stdout).toContain(raw);
    expect((await run(['report', 'find', 'nothing'], root)).stdout).toBe('no such reports\n');
    expect((await run(['report', 'find'], root)).code).toBe(2);
    expect(await json('report', 'orphans')).toEqual({ items: [], total: 0 });
    expect((await run(['report', 'orphans', '--channel', 'smsc'], root)).stdout).toMatch(/^no orphans/);
    expect((await run(['report', 'orphans', '--channel', 'nobody'], root)).code).not.toBe(0);
  });
});
