import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import smpp, { type Pdu, type Session } from 'smpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, numbersFrom, openSender, type Sender } from '../journeys/sender.ts';

/** A carrier made of other people's code: the npm package smpp takes our messages, and its reports come back. */
describe('a carrier of the npm package smpp', () => {
  let house: House;
  let sender: Sender;
  let server: ReturnType<typeof smpp.createServer>;
  const sessions = new Set<Session>();
  const submits: Pdu[] = [];
  const binds: Pdu[] = [];
  const reportsAnswered: number[] = [];
  let unbinds = 0;
  /** What its reports say of a message. */
  let stat = 'DELIVRD';

  beforeAll(async () => {
    server = smpp.createServer((session) => {
      sessions.add(session);
      session.on('error', () => {});
      session.on('close', () => sessions.delete(session));
      session.on('bind_transceiver', (pdu: Pdu) => {
        binds.push(pdu);
        session.send(pdu.response({ system_id: 'npm-smpp' }));
      });
      session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()));
      session.on('unbind', (pdu: Pdu) => {
        unbinds++;
        session.send(pdu.response());
        session.close();
      });
      session.on('submit_sm', (pdu: Pdu) => take(session, pdu));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    house = await startHouse({ simulator: false });
    const { port } = server.address() as AddressInfo;
    const settings = { host: '127.0.0.1', port, system_id: 'signet', password: 'secret', sender: 'Signet' };
    expectOk(
      await house.asRoot('POST', '/api/v1/channels', { name: 'npm', smpp: { ...settings, enquire_link_ms: 200 } }),
    );
    sender = await openSender(house, { template: '{text}' });
  });
  afterAll(async () => {
    await house.stop();
    for (const session of sessions) session.destroy();
    server.close();
  });

  /** Answers with an id, and reports on it when the answer is out, as carriers do. */
  function take(session: Session, pdu: Pdu): void {
    submits.push(pdu);
    const messageId = `npm-${submits.length}`;
    session.send(pdu.response({ message_id: messageId }));
    setImmediate(() => {
      session.deliver_sm(
        {
          source_addr: pdu.destination_addr as string,
          destination_addr: pdu.source_addr as string,
          esm_class: 4,
          short_message: `id:${messageId} sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:${stat} err:000 text:`,
          receipted_message_id: messageId,
        },
        (response) => reportsAnswered.push(response.command_status),
      );
    });
  }

  /** The text as the package decoded it. */
  const textOf = ({ short_message }: Pdu) => (short_message as { message: string }).message;
  const submitsTo = (number: string) => submits.filter((pdu) => pdu.destination_addr === `86${number}`);

  it('takes our bind', async () => {
    await until(() => binds.length > 0, 'the bind');
    expect(binds[0]).toMatchObject({ system_id: 'signet', password: 'secret', interface_version: 0x34 });
  });

  it('delivers: sent, submitted, reported', async () => {
    const numbers = numbersFrom(0, 200);
    const uuid = await sender.send(numbers, { params: { text: '您好' } });
    await sender.finished(uuid);
    for (const number of numbers) {
      const [pdu, ...more] = submitsTo(number);
      expect(more).toEqual([]);
      expect(textOf(pdu!)).toBe('【Signet】您好');
      expect(pdu).toMatchObject({ dest_addr_ton: 1, dest_addr_npi: 1, source_addr: 'Signet', source_addr_ton: 5 });
    }
    await until(() => reportsAnswered.length === 200, 'the answers to its reports');
    expect(new Set(reportsAnswered)).toEqual(new Set([0]));
    const [message] = await sender.messages(uuid);
    expect(message).toMatchObject({ state: 'delivered', settled: 1, repeats: 0 });
  });

  it('joins the parts of a long text', async () => {
    const [number] = numbersFrom(1_000, 1) as [string];
    const text = '长😀'.repeat(120);
    await sender.finished(await sender.send([number], { params: { text } }));
    const parts = submitsTo(number);
    expect(parts.length).toBeGreaterThan(1);
    // The package takes the user data header apart by itself.
    const headers = parts.map(({ short_message }) => (short_message as { udh: Buffer[] }).udh[0]!);
    expect(headers.map((header) => [...header.subarray(3)])).toEqual(parts.map((_, i) => [parts.length, i + 1]));
    expect(parts.map(textOf).join('')).toBe(`【Signet】${text}`);
  });

  it('reports what did not arrive', async () => {
    for (const [word, state] of [
      ['UNDELIV', 'undelivered'],
      ['EXPIRED', 'expired'],
      ['REJECTD', 'rejected'],
    ] as const) {
      stat = word;
      await sender.finished(await sender.send(numbersFrom(2_000, 3), { params: { text: word } }), [state]);
    }
    stat = 'DELIVRD';
  });

  it('that cuts the line is found again', async () => {
    const before = binds.length;
    for (const session of sessions) session.destroy();
    await until(() => binds.length > before, 'the next bind');
    await sender.finished(await sender.send(numbersFrom(3_000, 10), { params: { text: 'again' } }));
  });

  it('sees us off in order', async () => {
    expect(await house.terminate()).toBe(0);
    expect(unbinds).toBe(1);
    await house.start();
    await sender.finished(await sender.send(numbersFrom(4_000, 10), { params: { text: 'back' } }));
    expect(await ledgerFaults(house)).toEqual([]);
  });
});
