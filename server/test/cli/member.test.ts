import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { browsers } from '../native/browser.ts';
import { run } from './cli.ts';

let house: House;
let root: Record<string, string>;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  root = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
});
afterAll(() => house?.stop());

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was printed
async function json(...args: string[]): Promise<any> {
  const ended = await run([...args, '--json'], root);
  expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr + ended.stdout }).toEqual({
    code: 0,
    stderr: '',
  });
  return ended.json;
}

describe('signet member', () => {
  it('lets somebody in who is locked out: by name, of the staff and of a business', async () => {
    const { user } = await house.createBusiness();
    const newBrowser = await browsers(house);
    for (const [name, role, of] of [
      ['otto', 'operator', []],
      ['ada@example.com', 'owner', ['--business', user]],
    ] as const) {
      const made = await json('member', 'add', name, '--role', role, ...of);
      await newBrowser().signIn(name, made.password);
      const reset = await json('member', 'reset-password', name, '--totp', ...of);
      expect(reset).toMatchObject({ id: made.id, must_change_password: true, totp: false });
      expect(reset.password).not.toBe(made.password);
      await newBrowser().signIn(name, reset.password);

      expect(await json('member', 'disable', name, ...of)).toMatchObject({ state: 'disabled' });
      const login = { name, password: reset.password };
      expect((await newBrowser().ask('POST', '/session', login)).json.code).toBe('memberDisabled');
      expect(await json('member', 'enable', String(made.id))).toMatchObject({ state: 'active' });
      await newBrowser().signIn(name, reset.password);
      expect(await json('member', 'remove-totp', name, ...of)).toMatchObject({ totp: false });

      const { items } = await json('member', 'list', ...of);
      expect(items).toEqual([expect.objectContaining({ id: made.id, name, role })]);
      expect(await json('member', 'delete', name, ...of)).toEqual({ id: made.id, deleted: true });
      expect((await json('member', 'list', ...of)).items).toEqual([]);
    }
    const told = (await house.asRoot('GET', '/api/v1/audit?object=member')).json.items;
    expect(told.map(({ action }: { action: string }) => action)).toContain('member.reset-password');
  });

  it('says what is wrong', async () => {
    const nobody = await run(['member', 'disable', 'nobody'], root);
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      expect.stringContaining('no member of the staff is called nobody'),
    ]);
    const role = await run(['member', 'add', 'x', '--role', 'owner'], root);
    expect([role.code, role.stderr]).toEqual([expect.any(Number), expect.stringContaining('role')]);
    expect((await run(['member', 'disable', '1', '--business', 'x'], root)).code).toBe(2);
  });

  it('prints a new password once, for people', async () => {
    const ended = await run(['member', 'add', 'printed', '--role', 'viewer', '--business', 'root'], root);
    expect(ended.code).not.toBe(0);
    const made = await run(['member', 'add', 'printed', '--role', 'finance'], root);
    expect(made.stdout).toMatch(/^password +\S{24}$/m);
    expect(made.stdout + made.stderr).toContain('not shown again');
  });
});
