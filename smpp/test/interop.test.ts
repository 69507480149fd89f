import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import smpp, { type Pdu as NpmPdu, type Session as NpmSession } from 'smpp';
import { afterEach, describe, expect, it } from 'vitest';
import { EsmeSession } from '../src/esme.ts';
import type { DeliverSm, SubmitSm } from '../src/pdu/commands.ts';
import { parseReceipt } from '../src/receipt.ts';
import type { Answer } from '../src/session-contract.ts';
import { startSimulator } from '../src/simulator/index.ts';
import { SmscServer } from '../src/smsc.ts';
import { until } from './peer.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const PARAMETERS = { user_message_reference: 4711, sar_msg_ref_num: 7, sar_total_segments: 2, sar_segment_seqnum: 1 };

describe('our ESME at an SMSC of the npm package smpp', () => {
  async function foreign(onSession: (session: NpmSession) => void): Promise<number> {
    const server = smpp.createServer((session) => {
      closing.push(() => session.destroy());
      session.on('error', () => {});
      session.on('bind_transceiver', (pdu: NpmPdu) => session.send(pdu.response({ system_id: 'foreign' })));
      session.on('enquire_link', (pdu: NpmPdu) => session.send(pdu.response()));
      session.on('unbind', (pdu: NpmPdu) => {
        session.send(pdu.response());
        session.close();
      });
      onSession(session);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  it('binds, submits, takes receipts and unbinds', async () => {
    const seen: NpmPdu[] = [];
    const deliverResponses: NpmPdu[] = [];
    const port = await foreign((session) => {
      session.on('submit_sm', (pdu: NpmPdu) => {
        seen.push(pdu);
        const message_id = `foreign-${seen.length}`;
        session.send(pdu.response({ message_id }));
        session.deliver_sm(
          {
            source_addr: pdu.destination_addr as string,
            destination_addr: pdu.source_addr as string,
            esm_class: 4,
            short_message: Buffer.from(
              `id:${message_id} sub:001 dlvrd:001 submit date:2111221200 done date:2111221201 stat:DELIVRD err:000 text:x`,
            ),
            receipted_message_id: message_id,
            message_state: 2,
          },
          (response) => deliverResponses.push(response),
        );
      });
    });
    const esme = new EsmeSession<number>({ host: '127.0.0.1', port, system_id: 'ours', password: 'pw' });
    const answers: Answer<number>[] = [];
    const delivered: DeliverSm[] = [];
    esme.on('results', (batch) => answers.push(...batch));
    esme.on('pdus', (pdus) => {
      delivered.push(...(pdus as DeliverSm[]));
      esme.respondMany(pdus);
    });
    expect(await esme.open()).toMatchObject({ systemId: 'foreign' });
    const requests = Array.from({ length: 50 }, (_, i) => ({
      source_addr: 'Signet',
      source_addr_ton: 5,
      destination_addr: `86138001380${String(i).padStart(2, '0')}`,
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      registered_delivery: 1,
      data_coding: 8,
      short_message: Buffer.from('4f60597d', 'hex'),
      tlvs: PARAMETERS,
    }));
    expect(esme.submitMany(requests, [...requests.keys()])).toBe(50);
    await until(() => answers.length === 50 && deliverResponses.length === 50, 'all are answered');
    expect(answers.map((each) => [each.context, each.status, each.messageId])).toEqual(
      requests.map((_, i) => [i, 0, `foreign-${i + 1}`]),
    );
    expect(seen[7]).toMatchObject({
      source_addr: 'Signet',
      destination_addr: '8613800138007',
      short_message: { message: '你好' },
      ...PARAMETERS,
    });
    expect(delivered.map((pdu) => parseReceipt(pdu))).toMatchObject(
      requests.map((_, i) => ({ messageId: `foreign-${i + 1}`, state: 'delivered' })),
    );
    expect(deliverResponses.every((response) => response.command_status === 0)).toBe(true);
    await esme.unbind();
  });

  it('takes its refusals', async () => {
    const port = await foreign((session) => {
      session.on('submit_sm', (pdu: NpmPdu) => session.send(pdu.response({ command_status: 0x58 })));
    });
    const esme = new EsmeSession<string>({ host: '127.0.0.1', port, system_id: 'ours' });
    const answers: Answer<string>[] = [];
    esme.on('results', (batch) => answers.push(...batch));
    await esme.open();
    esme.submitMany([{ destination_addr: '15550100' }], ['c']);
    await until(() => answers.length === 1, 'it is answered');
    expect(answers).toMatchObject([{ context: 'c', status: 0x58, messageId: '' }]);
    await esme.unbind();
  });
});

describe('an ESME of the npm package smpp at our SMSC', () => {
  async function dial(port: number): Promise<NpmSession> {
    return new Promise((resolve) => {
      const session: NpmSession = smpp.connect({ host: '127.0.0.1', port }, () => resolve(session));
      session.on('error', () => {});
      closing.push(() => session.destroy());
    });
  }

  const answer = (send: (answered: (response: NpmPdu) => void) => unknown): Promise<NpmPdu> =>
    new Promise((resolve) => {
      send(resolve);
    });

  it('binds, submits, asks, is delivered to and unbinds', async () => {
    const server = new SmscServer<string>({ system_id: 'ours' });
    await server.listen();
    closing.push(() => server.close());
    const submitted: SubmitSm[] = [];
    const results: Answer<string>[] = [];
    server.on('session', (session) => {
      session.on('results', (batch) => results.push(...batch));
      session.on('pdus', (pdus) => {
        for (const pdu of pdus) {
          if (pdu.command === 'submit_sm') {
            submitted.push(pdu);
            session.respond(pdu, 0, { message_id: 'ours-1' });
            session.deliverMany([{ source_addr: '15550100', short_message: 'reply', tlvs: PARAMETERS }], ['reply']);
          } else if (pdu.command === 'query_sm') {
            session.respond(pdu, 0, { message_id: pdu.message_id, final_date: '', message_state: 2, error_code: 0 });
          }
        }
      });
    });
    const client = await dial(server.port);
    const delivered: NpmPdu[] = [];
    client.on('deliver_sm', (pdu: NpmPdu) => {
      delivered.push(pdu);
      client.send(pdu.response());
    });
    const bound = await answer((answered) =>
      client.bind_transceiver({ system_id: 'foreign', password: 'pw', interface_version: 0x34 }, answered),
    );
    expect(bound).toMatchObject({ command_status: 0, system_id: 'ours' });
    const response = await answer((answered) =>
      client.submit_sm(
        { source_addr: '1', destination_addr: '15550100', short_message: 'hello', ...PARAMETERS },
        answered,
      ),
    );
    expect(response).toMatchObject({ command: 'submit_sm_resp', command_status: 0, message_id: 'ours-1' });
    expect(submitted[0]).toMatchObject({ destination_addr: '15550100', tlvs: PARAMETERS });
    expect(submitted[0]?.short_message.toString('latin1')).toBe('hello');
    await until(() => results.length === 1, 'the delivery is answered');
    expect(results).toMatchObject([{ context: 'reply', status: 0 }]);
    expect(delivered[0]).toMatchObject({ source_addr: '15550100', short_message: { message: 'reply' }, ...PARAMETERS });
    const queried = await answer((answered) => client.query_sm({ message_id: 'ours-1' }, answered));
    expect(queried).toMatchObject({ command: 'query_sm_resp', message_id: 'ours-1', message_state: 2 });
    expect(await answer((answered) => client.enquire_link(answered))).toMatchObject({ command: 'enquire_link_resp' });
    const closed = once(client, 'close');
    expect(await answer((answered) => client.unbind(answered))).toMatchObject({
      command: 'unbind_resp',
      command_status: 0,
    });
    await closed;
  });

  it('gets answers and receipts of the simulator', async () => {
    const simulator = await startSimulator({ receiptDelayMs: 0 });
    closing.push(() => simulator.close());
    const client = await dial(simulator.port);
    const delivered: NpmPdu[] = [];
    client.on('deliver_sm', (pdu: NpmPdu) => {
      delivered.push(pdu);
      client.send(pdu.response());
    });
    await answer((answered) => client.bind_transceiver({ system_id: 'foreign', interface_version: 0x34 }, answered));
    const responses = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        answer((answered) =>
          client.submit_sm(
            {
              source_addr: 'S',
              destination_addr: `155501${String(i).padStart(2, '0')}`,
              registered_delivery: 1,
              short_message: 'x',
            },
            answered,
          ),
        ),
      ),
    );
    await until(() => simulator.stats.receiptsAnswered === 30, 'all receipts are answered');
    expect(delivered.map((pdu) => pdu.receipted_message_id)).toEqual(responses.map((each) => each.message_id));
    expect(delivered.every((pdu) => pdu.message_state === 2 && pdu.esm_class === 4)).toBe(true);
  });
});
