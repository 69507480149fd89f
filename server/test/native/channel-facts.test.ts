import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, start } from '../cli/cli.ts';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, numbersFrom, openSender } from '../journeys/sender.ts';
import { type Client, nativeClients, rootOf } from './client.ts';

/** A channel with a small window and much to send. */
describe('the facts of a channel', () => {
  let house: House;
  let root: Client;
  let env: Record<string, string>;
  let id: number;

  beforeAll(async () => {
    house = await startHouse({
      simulator: { answerMs: 60, rules: [{ suffix: '7', status: 'ESME_RINVDSTADR' }] },
      smpp: { window: 2 },
    });
    root = (await nativeClients(house))(rootOf(house));
    env = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
    id = (await root.get('/channels')).json.items[0].id;
  });
  afterAll(() => house?.stop());

  const facts = async () => expectOk(await root.get(`/channels/${id}/facts`)).json;

  it('say that nothing waits while nothing does', async () => {
    await until(async () => (await facts()).binds[0]?.link === 'bound', 'the bind');
    await until(async () => (await facts()).limit.cause === 'no_traffic', 'no traffic');
    expect(await facts()).toMatchObject({
      channel_id: id,
      running: true,
      accepted: 0,
      rate: null,
      window: { now: 2, configured: 2 },
      binds: [{ bind: 1, type: 'transceiver', reason: '', reconnects: 0, last_error: null }],
    });
  });

  it('say that the window holds it while it does, with the numbers', async () => {
    const sender = await openSender(house, { credits: 100_000 });
    await sender.send(numbersFrom(0, 5_000));
    let seen = await facts();
    await until(
      async () => {
        seen = await facts();
        return seen.limit.cause === 'window' && seen.refused > 0;
      },
      () => `the window: ${JSON.stringify(seen)}`,
    );
    expect(seen.limit.explanation).toMatch(/^The window of 2 was full \d+ % of the time/);
    expect(seen.limit.advice).toMatch(/^Raise the window/);
    expect(seen.per_second).toBeGreaterThan(0);
    expect(seen.response_ms.p50).toBeGreaterThan(50);
    expect(seen.waiting.notification.queue + seen.waiting.notification.channel).toBeGreaterThan(1_000);
    expect(seen.held.window).toBeGreaterThan(0.5);
    expect(seen.statuses).toMatchObject([{ status: 'ESME_RINVDSTADR' }]);
  });

  it('are metrics', async () => {
    const { text } = await house.request('GET', '/metrics');
    const value = (line: string) =>
      Number(
        text
          .split('\n')
          .find((each) => each.startsWith(`${line} `))
          ?.split(' ')[1],
      );
    const bind = `channel="${id}",bind="1"`;
    expect(text).toContain(`signet_channel_limit{channel="${id}",cause="cpu"}`);
    expect(value(`signet_bind_up{${bind}}`)).toBe(1);
    expect(value(`signet_bind_window{${bind}}`)).toBe(2);
    expect(value(`signet_bind_parts_total{${bind},outcome="accepted"}`)).toBeGreaterThan(0);
    expect(value(`signet_bind_held_seconds_total{${bind},limit="window"}`)).toBeGreaterThan(0);
    expect(value(`signet_bind_response_seconds_bucket{${bind},le="0.025"}`)).toBe(0);
    expect(value(`signet_bind_response_seconds_count{${bind}}`)).toBeGreaterThan(0);
    expect(value(`signet_channel_refusals_total{channel="${id}",status="ESME_RINVDSTADR"}`)).toBeGreaterThan(0);
    expect(value(`signet_channel_waiting{channel="${id}",lane="notification"}`)).toBeGreaterThan(0);
    expect(text).not.toMatch(/NaN|undefined/);
  });

  it('are shown and watched by the command', async () => {
    const shown = await run(['channel', 'facts', 'smsc'], env);
    expect(shown.stdout).toMatch(/^limit +\w+$/m);
    expect(shown.stdout).toMatch(/^response time +p50 [\d.]+ ms, /m);
    expect(shown.stdout).toMatch(/transceiver.*bound/);
    expect((await run(['channel', 'facts', 'smsc', '--json'], env)).json.channel_id).toBe(id);
    const watching = start(['channel', 'facts', 'smsc', '--watch', '--json'], env);
    await until(() => watching.stdout().split('\n').length > 2, 'two looks');
    watching.child.kill('SIGINT');
    const { code, stdout } = await watching.ended;
    expect(code).toBe(0);
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ channel_id: id });
  });

  it('are the administrator’s, of a channel that exists', async () => {
    const { user, password } = await house.createBusiness();
    const answer = await house.request('GET', `/api/v1/channels/${id}/facts`, { user, password });
    expect([answer.status, answer.json.code]).toEqual([403, 'adminOnly']);
    expect((await root.get('/channels/999/facts')).json.code).toBe('channelNotFound');
  });

  it('of a channel that is disabled say so', async () => {
    expectOk(await root.post(`/channels/${id}/disable`, {}));
    await until(async () => !(await facts()).running, 'the channel to be stopped');
    expect(await facts()).toMatchObject({ limit: { cause: 'link_down' }, binds: [], per_second: 0 });
  });
});
