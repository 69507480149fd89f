import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { ledgerFaults, numberAt, openSender, type Sender } from '../journeys/sender.ts';
import { run, scratch, start } from './cli.ts';

let house: House;
/** Destinations in the order the SMSC saw them. */
const seen: string[] = [];
let nextNumber = 0;

beforeAll(async () => {
  house = await startHouse({
    env: { SIGNET_FREQUENCY_LIMIT: '3' },
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

function command(sender: Sender, file: string, ...more: string[]): [string[], Record<string, string>] {
  const args = ['send', '--sign', `${sender.signId}`, '--temp', `${sender.tempId}`, '--file', file, '--json', ...more];
  return [args, { SIGNET_URL: house.url, SIGNET_USER: sender.user, SIGNET_PASSWORD: sender.password }];
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

/** The chunks that are done according to the journal beside a file. */
function chunksDone(file: string): number {
  const state = `${file}.signet-send.jsonl`;
  return existsSync(state) ? readFileSync(state, 'utf8').split('"chunk":').length - 1 : 0;
}

describe('signet send', () => {
  it('sends each good row with its own values, and writes down the others', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(4);
    const [first, second, third, fourth] = numbers;
    writeFileSync(
      file,
      `\ufeffname;where;Mobile\nAnn;x;${first}\n;x;${second}\nBob;x;12345\nCy;x;+86 ${third}\nDo;x;${first}\n"E;e";x;'${fourth}\n`,
    );
    const ended = await run(...command(sender, file, '--wait'));
    expect(ended.json).toMatchObject({
      finished: true,
      rows: 6,
      accepted: 3,
      rejected: { missing_value: 1, invalid_number: 1, duplicate: 1 },
      states: { delivered: 3 },
      rejected_file: `${file}.rejected.csv`,
    });
    expect(ended.code).toBe(0);
    const lines = readFileSync(`${file}.rejected.csv`, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('line,reason,name,where,Mobile');
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['3', '4', '6']);
    const messages = await sender.messages(ended.json.uuids[0]);
    const texts = await Promise.all(
      messages.map(async ({ message_id }) => (await sender.ask('GET', `/api/v1/messages/${message_id}`)).json),
    );
    expect(texts.map(({ to }) => to)).toEqual([`+86${first}`, `+86${third}`, `+86${fourth}`]);
    await expectOnceAtTheSmsc([first!, third!, fourth!]);
  });

  it('takes values for all rows, and tells people what it did', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(2);
    writeFileSync(file, `${numbers.join('\n')}\n`);
    const [args, env] = command(sender, file, '--params', 'name=friend');
    const ended = await run(
      args.filter((arg) => arg !== '--json'),
      env,
    );
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(/accepted\s+│\s+2 /);
    await expectOnceAtTheSmsc(numbers);
  });

  it('is killed again and again, goes on each time, and sends nothing twice', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(1_200);
    const sending = command(sender, file, '--batch', '10');
    for (let kill = 1; kill <= 4; kill++) {
      const running = start(...sending);
      let over = false;
      void running.ended.then(() => {
        over = true;
      });
      await until(() => over || chunksDone(file) >= kill * 12, 'some chunks to be sent');
      running.child.kill('SIGKILL');
      await running.ended;
    }
    expect(chunksDone(file)).toBeLessThan(120);
    const ended = await run(...sending);
    expect(ended.json).toMatchObject({ resumed: true, finished: true, accepted: 1_200, rejected: {} });
    expect(ended.code).toBe(0);
    await expectOnceAtTheSmsc(numbers);
    const again = await run(...sending);
    expect(again.json).toMatchObject({ already_sent: true, accepted: 1_200 });
    expect(timesSeen(numbers)).toEqual(numbers.map(() => 1));
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('stops in good order at Ctrl-C, and says how to go on', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(1_000);
    const sending = command(sender, file, '--batch', '5');
    const running = start(...sending);
    await until(() => chunksDone(file) >= 5, 'some chunks to be sent');
    running.child.kill('SIGINT');
    const stopped = await running.ended;
    expect(stopped).toMatchObject({ code: 1, json: { error: { code: 'interrupted', send: { finished: false } } } });
    expect(stopped.json.error.advice).toContain('goes on where it stopped');
    expect(existsSync(`${file}.signet-send.lock`)).toBe(false);
    expect((await run(...sending)).json).toMatchObject({ accepted: 1_000 });
    await expectOnceAtTheSmsc(numbers);
  });

  it('waits while the server is away', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(1_000);
    const running = start(...command(sender, file, '--batch', '5', '--wait'));
    await until(() => chunksDone(file) >= 10, 'some chunks to be sent');
    await house.terminate();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await house.start();
    const ended = await running.ended;
    expect(ended.json).toMatchObject({ finished: true, accepted: 1_000, states: { delivered: 1_000 } });
    expect(ended.stderr).toContain('waiting for it');
    await expectOnceAtTheSmsc(numbers);
  });

  it('stops when the balance ends, and goes on after a top-up', async () => {
    const sender = await openSending(25);
    const { file, numbers } = numbersFile(60);
    const sending = command(sender, file, '--batch', '10');
    const stopped = await run(...sending);
    expect(stopped).toMatchObject({ code: 1, json: { error: { code: 'ER:0035', send: { accepted: 20, rows: 60 } } } });
    await house.asRoot('POST', `/api/v1/businesses/${sender.user}/top-up`, { credits: 35 });
    expect((await run(...sending)).json).toMatchObject({ accepted: 60 });
    await expectOnceAtTheSmsc(numbers);
    expect(await sender.balance()).toMatchObject({ available: 0 });
  });

  it('finds the numbers that are over their limit', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(40);
    const often = [numbers[3]!, numbers[4]!, numbers[31]!];
    for (let i = 0; i < 3; i++) await sender.send(often, { params: { name: 'x' } });
    const ended = await run(...command(sender, file));
    expect(ended.json).toMatchObject({ accepted: 37, rejected: { too_often: 3 } });
    const lines = readFileSync(`${file}.rejected.csv`, 'utf8').trimEnd().split('\n').slice(1);
    expect(lines.map((line) => line.split(',')[2])).toEqual(often);
  });

  it('sends smaller requests to a server that takes no larger ones', async () => {
    const sender = await openSending();
    const { file, numbers } = numbersFile(30);
    const small = await startHouse({ env: { SIGNET_MAX_RECIPIENTS: '7' } });
    try {
      const there = await openSender(small, { template: 'Hello {name}' });
      const [args, env] = command({ ...sender, ...there }, file);
      const ended = await run(args, { ...env, SIGNET_URL: small.url });
      expect(ended.json).toMatchObject({ accepted: numbers.length, rejected: {} });
    } finally {
      await small.stop();
    }
  });

  it('says what is wrong with the order before it sends anything', async () => {
    const sender = await openSending();
    const { file } = numbersFile(3);
    const [args, env] = command(sender, file);
    const withTemplate = (temp: string) => args.map((arg, i) => (args[i - 1] === '--temp' ? temp : arg));
    expect((await run(withTemplate('999999'), env)).json.error).toMatchObject({ code: 'templateNotFound' });
    const other = await openSender(house, { template: 'Your code is {code}' });
    const missing = await run(...command(other, file));
    expect(missing).toMatchObject({ code: 2, json: { error: { message: 'the template needs a value for {code}' } } });
    const wrong = await run(args, { ...env, SIGNET_PASSWORD: 'wrong' });
    expect(wrong).toMatchObject({ code: 1, json: { error: { status: 401 } } });
    expect(existsSync(`${file}.signet-send.jsonl`)).toBe(false);
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
