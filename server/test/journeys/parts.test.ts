import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ESM_CLASS, formatReceipt, STATUS } from '@signet/smpp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HandCarrier, type Taken } from '../carrier.ts';
import { type House, startHouse, until } from '../house.ts';
import { ledgerFaults, numberAt, openSender, type Sender } from './sender.ts';

/** Three parts with its signature. */
const LONG = 'x'.repeat(150);
const PARTS = [0, 1, 2];

/** What the carrier does with a part: takes it, refuses it, or says nothing. */
type Deed = 'take' | 'silence' | number;

/** A long text at a carrier that takes it part by part, whatever happens between the parts. */
describe('a long text', () => {
  let house: House;
  let carrier: HandCarrier;
  let sender: Sender;
  /** Whom the text is for, another each time. */
  let mobile: string;
  let texts = 0;
  let answers = 0;
  /** Parts in the order they came, with the number that joins them. */
  let came: { part: number; reference: number }[];
  /** The carrier's ids of the parts it took. */
  let ids: string[];
  let deed: (part: number, time: number) => Deed;

  beforeAll(async () => {
    carrier = await HandCarrier.start();
    carrier.onSubmits = (submits) => submits.forEach(answer);
    house = await startHouse({
      simulator: false,
      env: { SIGNET_UNCERTAIN_NOTIFICATION_MS: '100', SIGNET_UNKNOWN_AFTER_MS: '300' },
    });
    const smpp = { host: '127.0.0.1', port: carrier.server.port, system_id: 'test', password: 'test' };
    const added = await house.asRoot('POST', '/api/v1/channels', { name: 'carrier', smpp });
    expect(added.status).toBe(201);
  });
  afterAll(async () => {
    await house?.stop();
    await carrier?.close();
  });
  beforeEach(async () => {
    came = [];
    ids = [];
    deed = () => 'take';
    mobile = numberAt(texts++);
    sender = await openSender(house, { credits: 1_000, template: LONG });
  });

  function answer({ session, submit }: Taken): void {
    const part = submit.short_message[5]! - 1;
    came.push({ part, reference: submit.short_message[3]! });
    const what = deed(part, came.filter((other) => other.part === part).length);
    if (what === 'silence') return;
    const message_id = what === 'take' ? `id-${++answers}` : '';
    if (what === 'take') ids.push(message_id);
    session.respond(submit, what === 'take' ? STATUS.ESME_ROK : what, { message_id });
  }

  const send = () => sender.send([mobile]);
  const message = async (uuid: string) => (await sender.messages(uuid))[0];
  const inState = (uuid: string, state: string) =>
    until(async () => (await message(uuid))?.state === state, `the message to be ${state}`);
  const timesCame = (part: number) => came.filter((each) => each.part === part).length;
  /** How the carrier's reports make the message delivered. */
  const deliver = async (uuid: string) => {
    for (const messageId of ids) {
      const short_message = formatReceipt({ messageId, state: 'delivered', submittedAt: 0, doneAt: 0 });
      const esm_class = ESM_CLASS.DELIVERY_RECEIPT;
      const body = { source_addr: `86${mobile}`, esm_class, short_message };
      const told = await carrier.session.request({ command: 'deliver_sm', ...body });
      expect(told.outcome).toBe('answered');
    }
    await inState(uuid, 'delivered');
  };
  /** It arrived whole, each part taken once, all of them with one number, and it was paid once. */
  const expectWhole = async (uuid: string) => {
    await inState(uuid, 'submitted');
    expect(ids).toHaveLength(PARTS.length);
    expect(new Set(came.map(({ reference }) => reference)).size).toBe(1);
    expect(await message(uuid)).toMatchObject({ settled: 3, released: 0 });
    expect(await sender.balance()).toEqual({ available: 997, reserved: 0 });
    await deliver(uuid);
    expect(await ledgerFaults(house)).toEqual([]);
  };

  it.each(PARTS)('of which part %i is put off is completed, and nothing is sent twice', async (late) => {
    deed = (part, time) => (part === late && time <= 2 ? STATUS.ESME_RSYSERR : 'take');
    const uuid = await send();
    await expectWhole(uuid);
    expect(timesCame(late)).toBe(3);
    for (const part of PARTS) if (part < late) expect(timesCame(part)).toBe(1);
  });

  // Before the carrier has asked for less speed: all parts leave at once, whatever is said to one.
  it.each(PARTS)('of which part %i is refused for good is refused, and the others are paid', async (refused) => {
    deed = (part) => (part === refused ? STATUS.ESME_RINVDSTADR : 'take');
    const uuid = await send();
    await inState(uuid, 'refused');
    const accepted = ids.length;
    expect(await message(uuid)).toMatchObject({
      settled: accepted,
      released: 3 - accepted,
      error: `ESME_RINVDSTADR (accepted: ${accepted} of 3 parts)`,
    });
    expect(await sender.balance()).toEqual({ available: 1_000 - accepted, reserved: 0 });
    for (const part of PARTS) expect(timesCame(part)).toBe(1);
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it.each(PARTS)('of which part %i is throttled is completed, and nothing is sent twice', async (late) => {
    deed = (part, time) => (part === late && time === 1 ? STATUS.ESME_RTHROTTLED : 'take');
    const uuid = await send();
    await expectWhole(uuid);
    expect(timesCame(late)).toBe(2);
  });

  it.each(PARTS)('whose link is lost when part %i comes is completed over the next one', async (lost) => {
    deed = (part, time) => (part >= lost && time === 1 ? 'silence' : 'take');
    const uuid = await send();
    await until(() => came.length === PARTS.length, 'all parts to come');
    await until(() => ids.length === lost && answersAreLogged(), 'the answers to arrive');
    carrier.session.destroy();
    await expectWhole(uuid);
    for (const part of PARTS) expect(timesCame(part)).toBe(part < lost ? 1 : 2);
    expect(await message(uuid)).toMatchObject({ repeats: 1 });
  });

  it.each(PARTS)('after a kill with %i parts answered is completed with the others', async (answered) => {
    deed = (part, time) => (part >= answered && time === 1 ? 'silence' : 'take');
    const uuid = await send();
    await until(() => came.length === PARTS.length, 'all parts to come');
    await until(() => ids.length === answered && answersAreLogged(), 'the answers to arrive');
    await house.kill();
    await house.start();
    await expectWhole(uuid);
    for (const part of PARTS) expect(timesCame(part)).toBe(part < answered ? 1 : 2);
  });

  it('that is killed while its other parts wait to be asked for again is sent none of those it has', async () => {
    deed = (part, time) => (part === 1 && time < 40 ? STATUS.ESME_RSYSERR : 'take');
    const uuid = await send();
    await until(() => timesCame(1) >= 2, 'the part to be asked for again');
    await house.kill();
    deed = () => 'take';
    await house.start();
    await expectWhole(uuid);
    expect([timesCame(0), timesCame(2)]).toEqual([1, 1]);
  });

  /** Whether the process that has the channel has written down every part that was taken. */
  function answersAreLogged(): boolean {
    const lines = house.nodes
      .map(({ dataDir }) => join(dataDir, 'flight'))
      .filter((dir) => existsSync(dir))
      .flatMap((dir) => readdirSync(dir).map((name) => readFileSync(join(dir, name), 'latin1')))
      .flatMap((text) => text.split('\n'));
    return ids.every((id) => lines.some((line) => line.startsWith('p ') && line.endsWith(` ${id}`)));
  }
});
