import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Simulator, startSimulator, type TakenText } from '@signet/smpp/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, numbersFrom, openSender, type Sender } from '../journeys/sender.ts';
import { havePerlModule, haveTool } from '../needs.ts';
import { pcapOf } from './pcap.ts';
import { RecordingProxy } from './recording-proxy.ts';
import { judge } from './tshark.ts';

const tools = [havePerlModule('Net::SMPP'), haveTool('tshark')];

/** A PDU as Perl read it: octet strings are Latin-1, parameters are octets under their names. */
type PerlPdu = { command: string; status: number; seq: number } & Record<string, unknown>;

/** A Perl program of this folder that writes a JSON object a line. */
class Perl {
  readonly lines: PerlPdu[] = [];
  readonly child: ChildProcessWithoutNullStreams;
  #complaints = '';

  constructor(script: string, ...args: string[]) {
    const file = fileURLToPath(new URL(script, import.meta.url));
    this.child = spawn('perl', [file, ...args], { stdio: 'pipe' });
    createInterface({ input: this.child.stdout }).on('line', (line) => this.lines.push(JSON.parse(line)));
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.#complaints += chunk.toString();
    });
  }

  /** What it complained of: Net::SMPP warns of every octet it does not understand. */
  get complaints(): string {
    return this.#complaints;
  }

  all(command: string): PerlPdu[] {
    return this.lines.filter((each) => each.command === command);
  }

  async seen(command: string, count: number): Promise<PerlPdu[]> {
    await until(
      () => this.all(command).length >= count,
      () => `${count} ${command}; it complained: ${this.#complaints}`,
    );
    return this.all(command);
  }

  say(line: Record<string, unknown>): void {
    this.child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, 'close');
    this.child.kill();
    await closed;
  }
}

const octets = (value: unknown): Buffer => Buffer.from((value as string | undefined) ?? '', 'latin1');
const utf16 = (value: Uint8Array): string => Buffer.from(value).swap16().toString('utf16le');

describe.skipIf(tools.includes(false))('an ESME of Net::SMPP at our SMSC', () => {
  let folder: string;
  let simulator: Simulator;
  let proxy: RecordingProxy;
  const texts: TakenText[] = [];
  const running: Perl[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signet-net-smpp-'));
    simulator = await startSimulator({
      ...{ accounts: { 'net-smpp': 'secret' }, receiptDelayMs: 10 },
      rules: [{ suffix: '66', status: 'ESME_RINVDSTADR' }],
      onText: (batch) => texts.push(...batch),
    });
    proxy = await RecordingProxy.start(simulator.port);
  });
  afterAll(async () => {
    for (const perl of running) await perl.stop();
    await proxy?.close();
    await simulator?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function dial(bind: string): Promise<Perl> {
    const perl = new Perl('net-smpp-esme.pl', String(proxy.port), bind);
    running.push(perl);
    const [bound] = await perl.seen(`bind_${bind}_resp`, 1);
    expect(bound).toMatchObject({ status: 0, system_id: 'SIMULATOR' });
    return perl;
  }

  it('sends by every method, is answered, gets its receipts and its texts, asks, and leaves in order', async () => {
    const perl = await dial('transceiver');
    const common = { command: 'submit_sm', source_addr: 'Perl', source_addr_ton: 5, registered_delivery: 1 };
    const to = (last: number) => ({ ...common, destination_addr: `4474001230${last}`, dest_addr_ton: 1 });
    const pairs: Record<string, unknown>[] = [
      { ...to(10), short_message: 'plain' },
      { ...to(11), short_message: '\x05\x00\x03\x07\x02\x02world', esm_class: 0x40 },
      { ...to(11), short_message: '\x05\x00\x03\x07\x02\x01hello ', esm_class: 0x40 },
      {
        ...{ ...to(12), short_message: 'over' },
        ...{ sar_msg_ref_num: '\x12\x34', sar_total_segments: '\x02', sar_segment_seqnum: '\x01' },
      },
      {
        ...{ ...to(12), short_message: 'there' },
        ...{ sar_msg_ref_num: '\x12\x34', sar_total_segments: '\x02', sar_segment_seqnum: '\x02' },
      },
      { ...to(13), short_message: '', message_payload: 'x'.repeat(1000) },
      { ...to(66), short_message: 'refused' },
    ];
    for (const each of pairs) perl.say(each);
    const answers = await perl.seen('submit_sm_resp', pairs.length);
    expect(answers.map((each) => each.status).sort()).toEqual([...Array(6).fill(0), 0x0b].sort());
    await until(() => texts.length === 4, 'the four texts');
    expect(texts.map(({ carriage, text }) => [carriage, text])).toEqual([
      ['short', 'plain'],
      ['udh', 'hello world'],
      ['sar', 'overthere'],
      ['payload', 'x'.repeat(1000)],
    ]);
    const receipts = await perl.seen('deliver_sm', 6);
    const ids = answers.filter((each) => each.status === 0).map((each) => each.message_id);
    expect(receipts.map((each) => (each.receipted_message_id as string).replace('\0', '')).sort()).toEqual(ids.sort());

    for (const long of ['udh', 'udh16', 'sar', 'payload'] as const) {
      const before = perl.all('deliver_sm').length;
      const text = '退订'.repeat(60);
      expect(await simulator.deliver({ from: '447400123001', to: '15550100', text, long })).toBe(0);
      const parts = perl.all('deliver_sm').slice(before);
      expect(parts).toHaveLength(long === 'payload' ? 1 : 2);
      const headers = { udh: 6, udh16: 7, sar: 0, payload: 0 }[long];
      const joined = parts.map((each) =>
        long === 'payload' ? octets(each.message_payload) : octets(each.short_message).subarray(headers),
      );
      expect(utf16(Buffer.concat(joined))).toBe(text);
    }
    perl.say({ command: 'enquire_link' });
    await perl.seen('enquire_link_resp', 1);
    perl.say({ command: 'query_sm', message_id: String(ids[0]), source_addr: 'Perl' });
    expect(await perl.seen('query_sm_resp', 1)).toMatchObject([{ status: 0x67 }]);
    perl.say({ command: 'unbind' });
    await perl.seen('unbind_resp', 1);
    expect(perl.complaints).toBe('');
  });

  it('sends over one bind and receives over another', async () => {
    const transmitter = await dial('transmitter');
    const receiver = await dial('receiver');
    transmitter.say({
      ...{ command: 'submit_sm', destination_addr: '447400123020', short_message: 'x', registered_delivery: 1 },
    });
    const [answer] = await transmitter.seen('submit_sm_resp', 1);
    const [receipt] = await receiver.seen('deliver_sm', 1);
    expect(receipt!.receipted_message_id).toBe(`${answer!.message_id}\0`);
    for (const perl of [transmitter, receiver]) {
      perl.say({ command: 'unbind' });
      await perl.seen('unbind_resp', 1);
    }
  });

  it('says nothing that tshark calls malformed, nor do we', async () => {
    const file = join(folder, 'esme.pcap');
    writeFileSync(file, pcapOf(proxy.chunks, proxy.port));
    const { malformed, commands } = await judge(file, proxy.port);
    expect(malformed).toEqual([]);
    for (const command of [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x09, 0x15]) {
      expect(commands).toContain(command);
      expect(commands).toContain(0x80000000 + command);
    }
  });
});

describe.skipIf(tools.includes(false))('a carrier of Net::SMPP', () => {
  let folder: string;
  let carrier: Perl;
  let proxy: RecordingProxy;
  let house: House;
  let sender: Sender;
  let channelId: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signet-net-smpp-'));
    carrier = new Perl('net-smpp-smsc.pl');
    await until(() => carrier.lines.length > 0, 'the carrier to listen');
    proxy = await RecordingProxy.start(carrier.lines[0]!.port as number);
    house = await startHouse({ simulator: false, env: { SIGNET_FREQUENCY: 'off' } });
    const smpp = { host: '127.0.0.1', port: proxy.port, system_id: 'signet', password: 'secret', sender: 'Signet' };
    const added = await house.asRoot('POST', '/api/v1/channels', {
      name: 'perl',
      smpp: { ...smpp, enquire_link_ms: 200 },
    });
    channelId = expectOk(added).json.id;
    sender = await openSender(house, { template: '{text}' });
  });
  afterAll(async () => {
    await house?.stop();
    await proxy?.close();
    await carrier?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const to = (number: string) => carrier.all('submit_sm').filter((pdu) => pdu.destination_addr === `86${number}`);

  it('takes our messages, and its reports end them', async () => {
    const numbers = numbersFrom(0, 100);
    await sender.finished(await sender.send(numbers, { params: { text: '您好' } }));
    for (const number of numbers) {
      expect(to(number).map((pdu) => utf16(octets(pdu.short_message)))).toEqual(['【Signet】您好']);
    }
    expect(new Set((await carrier.seen('deliver_sm_resp', 100)).map((pdu) => pdu.status))).toEqual(new Set([0]));
    expect(carrier.all('bind_transceiver')[0]).toMatchObject({ system_id: 'signet', interface_version: 0x34 });
  });

  it.each(['sar', 'payload', 'udh'])('takes long texts by %s', async (long_messages) => {
    const binds = carrier.all('bind_transceiver').length;
    expectOk(await house.asRoot('PATCH', `/api/v1/channels/${channelId}`, { smpp: { long_messages } }));
    await carrier.seen('bind_transceiver', binds + 1);
    const [number] = numbersFrom(1000 + binds, 1) as [string];
    const text = '长😀'.repeat(100);
    await sender.finished(await sender.send([number], { params: { text } }));
    const parts = to(number);
    const joined = parts.map((pdu) =>
      long_messages === 'payload'
        ? octets(pdu.message_payload)
        : octets(pdu.short_message).subarray(long_messages === 'udh' ? 6 : 0),
    );
    expect(utf16(Buffer.concat(joined))).toBe(`【Signet】${text}`);
    if (long_messages === 'sar') {
      expect(parts.map((pdu) => octets(pdu.sar_segment_seqnum)[0])).toEqual(parts.map((_, i) => i + 1));
      expect(parts.every((pdu) => octets(pdu.sar_total_segments)[0] === parts.length)).toBe(true);
    } else expect(parts.length > 1).toBe(long_messages === 'udh');
  });

  it('sees us off in order; nobody complains, and no frame is malformed', async () => {
    await until(() => carrier.all('enquire_link').length > 0, 'a question whether it lives');
    expect(await house.terminate()).toBe(0);
    expect((await carrier.seen('unbind', 1)).length).toBeGreaterThan(0);
    expect(carrier.complaints).toBe('');
    const file = join(folder, 'smsc.pcap');
    writeFileSync(file, pcapOf(proxy.chunks, proxy.port));
    expect((await judge(file, proxy.port)).malformed).toEqual([]);
    await house.start();
    expect(await ledgerFaults(house)).toEqual([]);
  });
});
