import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { ledgerFaults, listAll, numberAt, openSender, type Sender } from '../journeys/sender.ts';
import { workbook } from '../workbook.ts';
import { run, scratch, start } from './cli.ts';

let house: House;
/** Destinations in the order the SMSC saw them. */
const seen: string[] = [];
let nextNumber = 0;

beforeAll(async () => {
  house = await startHouse({
    simulator: { onSubmit: (records) => seen.push(...records.map(({ destination }) => destination)) },
  });
});
afterAll(() => house.stop());

/** A file of fresh numbers with a name each. */
function numbersFile(count: number): { file: string; numbers: string[] } {
  const numbers = Array.from({ length: count }, () => numberAt(nextNumber++));
  const file = join(scratch(), 'numbers.csv');
  writeFileSync(file, `mobile,name\n${numbers.map((number, i) => `${number},customer ${i}`).join('\n')}\n`);
  return { file, numbers };
}

const openSending = (credits?: number): Promise<Sender> =>
  openSender(house, { template: 'Hello {name}', ...(credits !== undefined && { credits }) });

/** The command that sends a file without asking, and its environment. */
function command(sender: Sender, file: string, ...more: string[]): [string[], Record<string, string>] {
  const args = ['send', '--temp', `${sender.tempId}`, '--file', file, '--json', '--yes', ...more];
  return [args, { SIGNET_URL: house.url, SIGNET_USER: sender.user, SIGNET_PASSWORD: sender.password }];
}

/** The same, for somebody to be asked. */
function asking(sender: Sender, file: string, ...more: string[]): [string[], Record<string, string>] {
  const [args, env] = command(sender, file, ...more);
  return [args.filter((arg) => arg !== '--yes'), env];
}

/** How often the SMSC saw each of these numbers. */
function timesSeen(numbers: string[]): number[] {
  const counts = new Map<string, number>();
  for (const destination of seen) counts.set(destination, (counts.get(destination) ?? 0) + 1);
  return numbers.map((number) => counts.get(`86${number}`) ?? 0);
}

/** Waits until the SMSC has everything, then looks whether it has anything twice. */
async function expectOnceAtTheSmsc(numbers: string[]): Promise<void> {
  await until(() => timesSeen(numbers).every((times) => times > 0), 'every message to reach the SMSC');
  expect(timesSeen(numbers)).toEqual(numbers.map(() => 1));
}

const drafts = async (sender: Sender): Promise<number> =>
  (await sender.ask('GET', '/api/v1/plans?state=draft')).json.items.length;

describe('signet send', () => {
  it('sends each good row with its own values, and writes down the others', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(4);
    const [first, second, third, fourth] = numbers;
    writeFileSync(
      file,
      `\ufeffname;where;Mobile\nAnn;x;${first}\n;x;${second}\nBob;x;12345\nCy;x;+86 ${third}\nDo;x;${first}\n"E;e";x;'${fourth}\n`,
    );
    const ended = await run(...command(sender, file, '--wait', '--name', 'spring', '--sign', `${sender.signId}`));
    expect(ended.json).toMatchObject({
      finished: true,
      already_sent: false,
      resumed: false,
      rows: 6,
      accepted: 3,
      rejected: { missing_value: 1, invalid_number: 1, duplicate: 1 },
      segments: 3,
      credits: 3,
      states: { delivered: 3 },
      rejected_file: `${file}.rejected.csv`,
    });
    expect(ended.code).toBe(0);
    const lines = readFileSync(`${file}.rejected.csv`, 'utf8').trimEnd().split('\r\n');
    expect(lines[0]).toBe('\ufeffline,reason,name,where,Mobile');
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['3', '4', '6']);
    const messages = await listAll<{ to: string }>(
      (path) => sender.ask('GET', path),
      `/api/v1/plans/${ended.json.plan_id}/messages`,
    );
    expect(messages.map(({ to }) => to)).toEqual([`+86${first}`, `+86${third}`, `+86${fourth}`]);
    await expectOnceAtTheSmsc([first!, third!, fourth!]);
  });

  it('sends the rejected rows, corrected, from the file it wrote', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(2);
    writeFileSync(file, `mobile,name\n+86${numbers[0]},Ann\n+86${numbers[1]},\n`);
    await run(...command(sender, file));
    const rejected = `${file}.rejected.csv`;
    writeFileSync(rejected, readFileSync(rejected, 'utf8').replace(`${numbers[1]},`, `${numbers[1]},Bob`));
    expect((await run(...command(sender, rejected))).json).toMatchObject({ accepted: 1, rejected: {} });
    await expectOnceAtTheSmsc(numbers);
  });

  it('sends a workbook, with its columns mapped and values for all rows, and tells people what it did', async () => {
    const sender = await openSender(house, { template: '{greeting} {name}' });
    const numbers = [numberAt(nextNumber++), numberAt(nextNumber++)];
    const file = join(scratch(), '名单.xlsx');
    writeFileSync(
      file,
      workbook({
        rows: [
          ['姓名', '手机号'],
          ['张三', Number(numbers[0])],
          ['李四', numbers[1]!],
        ],
      }),
    );
    const [args, env] = command(sender, file, '--map', 'name=姓名', '--params', 'greeting=Hello');
    const ended = await run(
      args.filter((arg) => arg !== '--json'),
      env,
    );
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(/accepted\s+│\s+2 /);
    await expectOnceAtTheSmsc(numbers);
  });

  it('shows what would be sent, and the next command goes on with the draft without asking a script', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(3);
    const shown = await run(...asking(sender, file, '--preview'));
    expect(shown).toMatchObject({ code: 0, json: { finished: false, accepted: 3, credits: 3 } });
    expect(shown.stderr).toContain('Hello customer 0');
    expect(shown.stderr).toMatch(/3 segments, 3 credits/);
    expect(await drafts(sender)).toBe(1);
    expect(timesSeen(numbers)).toEqual([0, 0, 0]);
    expect((await run(...asking(sender, file))).json).toMatchObject({ resumed: true, finished: true, accepted: 3 });
    expect(await drafts(sender)).toBe(0);
    await expectOnceAtTheSmsc(numbers);
  });

  it('starts at the time it is given', async () => {
    const sender = await openSending();
    const { file } = numbersFile(1);
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const { json } = await run(...command(sender, file, '--at', at));
    expect((await sender.ask('GET', `/api/v1/plans/${json.plan_id}`)).json).toMatchObject({
      state: 'pending',
      start_at: at,
    });
    const { file: other } = numbersFile(1);
    for (const time of ['tomorrow', '2050-02-30T00:00:00Z', '2050-01-01T00:00:00']) {
      const { json } = await run(...command(sender, other, '--at', time));
      expect(json.error).toMatchObject({ code: 'usage' });
    }
    expect(existsSync(`${other}.signet-send.jsonl`)).toBe(false);
    expect((await run(...command(sender, other, '--at', '2020-01-01T00:00:00Z'))).json.error).toMatchObject({
      code: 'invalidField',
      field: 'start_at',
    });
  });

  it('is killed again and again, goes on each time, and sends nothing twice', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(3_000);
    const sending = command(sender, file);
    const state = `${file}.signet-send.jsonl`;
    const written = () => (existsSync(state) ? readFileSync(state, 'utf8').split('\n').length - 1 : 0);
    // After the order, after the upload has begun, after the draft is known, after the confirmation is on its way.
    for (let kill = 1; kill <= 3; kill++) {
      const running = start(...sending);
      let over = false;
      void running.ended.then(() => {
        over = true;
      });
      await until(() => over || written() >= kill, 'the send to get further');
      running.child.kill('SIGKILL');
      await running.ended;
    }
    const ended = await run(...sending);
    expect(ended.json).toMatchObject({ resumed: true, finished: true, accepted: 3_000, rejected: {} });
    expect(ended.code).toBe(0);
    await expectOnceAtTheSmsc(numbers);
    expect((await run(...sending)).json).toMatchObject({ already_sent: true, accepted: 3_000 });
    expect(timesSeen(numbers)).toEqual(numbers.map(() => 1));
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('stops in good order at Ctrl-C, and says how to go on', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(100);
    const sending = command(sender, file);
    await house.kill();
    const running = start(...sending);
    let said = '';
    running.child.stderr!.on('data', (piece: Buffer) => {
      said += piece;
    });
    await until(() => said.includes('waiting for it'), 'the send to wait');
    running.child.kill('SIGINT');
    const stopped = await running.ended;
    expect(stopped).toMatchObject({ code: 1, json: { error: { code: 'interrupted' } } });
    expect(stopped.json.error.advice).toContain('goes on where it stopped');
    expect(existsSync(`${file}.signet-send.lock`)).toBe(false);
    await house.start();
    expect((await run(...sending)).json).toMatchObject({ resumed: true, accepted: 100 });
    await expectOnceAtTheSmsc(numbers);
  });

  it('waits while the server is away', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(1_000);
    await house.kill();
    const running = start(...command(sender, file, '--wait'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await house.start();
    const ended = await running.ended;
    expect(ended.json).toMatchObject({ finished: true, accepted: 1_000, states: { delivered: 1_000 } });
    expect(ended.stderr).toContain('waiting for it');
    await expectOnceAtTheSmsc(numbers);
  });

  it('stops when the balance does not suffice, and goes on after a top-up', async () => {
    const sender = await openSending(25);
    const { file, numbers } = numbersFile(60);
    const sending = command(sender, file);
    const stopped = await run(...sending);
    expect(stopped).toMatchObject({
      code: 1,
      json: { error: { code: 'balanceTooLow', send: { finished: false, accepted: 60, credits: 60 } } },
    });
    expect(timesSeen(numbers)).toEqual(numbers.map(() => 0));
    await house.asRoot('POST', `/api/v1/businesses/${sender.user}/top-up`, { credits: 35 });
    expect((await run(...sending)).json).toMatchObject({ finished: true });
    await expectOnceAtTheSmsc(numbers);
    expect(await sender.balance()).toMatchObject({ available: 0 });
  });

  it('uploads again when its draft is gone', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(2);
    const first = await run(...asking(sender, file, '--preview'));
    await sender.ask('DELETE', `/api/v1/plans/${first.json.plan_id}`);
    expect((await run(...command(sender, file))).json).toMatchObject({ finished: true, accepted: 2 });
    await expectOnceAtTheSmsc(numbers);
  });

  it('says what is wrong with the order, and leaves nothing behind', async () => {
    const sender = await openSending();
    const { file } = numbersFile(3);
    const [args, env] = command(sender, file);
    const withTemplate = (temp: string) => args.map((arg, i) => (args[i - 1] === '--temp' ? temp : arg));
    expect((await run(withTemplate('999999'), env)).json.error).toMatchObject({ code: 'templateNotFound' });
    const other = await openSender(house, { template: 'Your code is {code}' });
    const missing = await run(...command(other, file));
    expect(missing).toMatchObject({ code: 1, json: { error: { code: 'fileRefused' } } });
    expect(missing.json.error.message).toContain('no column is named code');
    const wrong = await run(args, { ...env, SIGNET_PASSWORD: 'wrong' });
    expect(wrong).toMatchObject({ code: 1, json: { error: { status: 401 } } });
    expect(await run([...args, '--country', 'ZZ'], env)).toMatchObject({ code: 2 });
    expect(await run([...args, '--map', 'name'], env)).toMatchObject({ code: 2 });
    expect(existsSync(`${file}.signet-send.jsonl`)).toBe(false);
    expect(await drafts(sender)).toBe(0);
  });

  it('does not go on with another order or another file', async () => {
    const sender = await openSending();
    const { file } = numbersFile(2);
    await run(...asking(sender, file));
    expect((await run(...command(sender, file, '--params', 'name=x'))).json.error).toMatchObject({
      code: 'otherSend',
      message: expect.stringContaining('begun with --params'),
    });
    writeFileSync(file, `${readFileSync(file, 'utf8')}${numberAt(nextNumber++)},late\n`);
    expect((await run(...command(sender, file))).json.error).toMatchObject({ code: 'fileChanged' });
    expect((await run(...command(sender, file, '--restart'))).json).toMatchObject({ resumed: false, accepted: 3 });
  });

  it('keeps a second send of the same file out', async () => {
    const sender = await openSending();
    const { file } = numbersFile(3);
    writeFileSync(`${file}.signet-send.lock`, String(process.pid));
    expect((await run(...command(sender, file))).json.error).toMatchObject({ code: 'locked' });
    writeFileSync(`${file}.signet-send.lock`, '999999999');
    expect((await run(...command(sender, file))).json).toMatchObject({ accepted: 3 });
  });
});
