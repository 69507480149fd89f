import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, type DeliverSm, EsmeSession } from '@signet/smpp';
import { type Simulator, startSimulator, type TakenText } from '@signet/smpp/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startHouse, until } from '../house.ts';
import { expectOk, numbersFrom, openSender } from '../journeys/sender.ts';
import { haveTool } from '../needs.ts';
import { LOCALHOST_TLS } from '../tls.ts';
import { Kannel } from './kannel.ts';
import { pcapOf } from './pcap.ts';
import { RecordingProxy } from './recording-proxy.ts';
import { type Judgement, judge } from './tshark.ts';

/** The SMSC that Kannel's own tests drive bearerbox with (kannel-extras). */
const DRIVE_SMPP = '/usr/lib/kannel/test/drive_smpp';
/** Where it looks for a bearerbox besides; it cannot be told otherwise. */
const DRIVE_SMPP_BOX_PORT = 13_001;

const tools = [haveTool('bearerbox'), haveTool('tshark'), haveTool(DRIVE_SMPP, '-h')];

/** Reports as Kannel numbers their kinds. */
const DELIVERED = '1';
const FAILED = '2';
const ACCEPTED = '8';
const REFUSED = '16';

describe.skipIf(tools.includes(false))('a Kannel at our SMSC', () => {
  let folder: string;
  let simulator: Simulator;
  let encrypted: Simulator;
  let proxy: RecordingProxy;
  let kannel: Kannel;
  const texts: TakenText[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signet-kannel-frames-'));
    const onText = (batch: TakenText[]) => texts.push(...batch);
    const accounts = { both: 'secret', pair: 'secret', tls: 'secret', old: 'secret' };
    simulator = await startSimulator({
      ...{ accounts, onText, receiptDelayMs: 10 },
      rules: [
        { suffix: '66', status: 'ESME_RINVDSTADR' },
        { suffix: '77', receipt: 'undeliverable' },
      ],
    });
    encrypted = await startSimulator({ accounts, onText, receiptDelayMs: 10, tls: LOCALHOST_TLS });
    proxy = await RecordingProxy.start(simulator.port);
    const { port } = proxy;
    const account = (name: string) => ({
      ...{ 'smsc-id': name, 'allowed-smsc-id': name },
      ...{ 'smsc-username': name, 'smsc-password': 'secret' },
    });
    kannel = await Kannel.start([
      { ...account('both'), port, 'transceiver-mode': 'true', 'enquire-link-interval': 1 },
      { ...account('pair'), port },
      { ...account('pair'), 'receive-port': port },
      { ...account('old'), port, 'transceiver-mode': 'true', 'interface-version': '33' },
      { ...account('tls'), port: encrypted.port, 'transceiver-mode': 'true', 'use-ssl': 'true' },
    ]);
  });
  afterAll(async () => {
    await kannel?.stop();
    await proxy?.close();
    await simulator?.close();
    await encrypted?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const textTo = (to: string) => texts.find((each) => each.destination === to);

  it.each(['both', 'pair', 'old', 'tls'])('sends short and long texts and gets its reports over %s', async (smsc) => {
    const first = 447_400_123_000 + 100 * ['both', 'pair', 'old', 'tls'].indexOf(smsc);
    const samples = ['Hello [€] {world}', 'x{'.repeat(200), '您好，世界', '长😀'.repeat(100)];
    for (const [i, text] of samples.entries()) {
      const to = String(first + i);
      await kannel.send(smsc, to, text, /[您长]/.test(text) ? { coding: '2' } : {});
      await until(() => textTo(to) !== undefined, `the text to ${to}`);
      expect(textTo(to)).toMatchObject({ systemId: smsc, text });
      expect(textTo(to)!.messageIds.length > 1).toBe(text.length > 160);
      await until(() => kannel.reportsOf(to).length === 2, `both reports of ${to}`);
      // Kannel asks for reports of the first part only.
      const [id] = textTo(to)!.messageIds;
      expect(kannel.reportsOf(to)).toEqual([
        { type: ACCEPTED, id },
        { type: DELIVERED, id },
      ]);
    }
  });

  it('is told what did not arrive, and what was refused', async () => {
    await kannel.send('both', '447400123977', 'lost');
    await until(() => kannel.reportsOf('447400123977').length === 2, 'both reports');
    expect(kannel.reportsOf('447400123977').map((each) => each.type)).toEqual([ACCEPTED, FAILED]);
    await kannel.send('both', '447400123966', 'refused');
    await until(() => kannel.reportsOf('447400123966').length === 1, 'the report');
    expect(kannel.reportsOf('447400123966').map((each) => each.type)).toEqual([REFUSED]);
  });

  it.each(['both', 'pair'])('takes texts from handsets, whole and in parts, over %s', async (systemId) => {
    for (const [i, text] of ['STOP it', 'y'.repeat(300), '退订'.repeat(60)].entries()) {
      for (const long of ['udh', 'udh16', 'sar'] as const) {
        const from = `44740012350${i}`;
        const before = kannel.inbound.length;
        expect(await simulator.deliver({ from, to: '15550100', text, systemId, long, order: [2, 1] })).toBe(0);
        await until(() => kannel.inbound.length > before, 'the text to reach the application');
        expect(kannel.inbound.at(-1)).toEqual({ from: `+${from}`, to: '15550100', text });
      }
    }
  });

  it('comes back when its links are cut', async () => {
    const before = simulator.stats.binds;
    simulator.dropLinks();
    await until(() => simulator.stats.binds === before + 4, 'all four binds');
    await kannel.send('pair', '447400123900', 'again');
    await until(() => kannel.reportsOf('447400123900').length === 2, 'both reports');
  });

  it('leaves in order, and no frame of either of us is malformed', async () => {
    await kannel.stop();
    const file = join(folder, 'kannel.pcap');
    writeFileSync(file, pcapOf(proxy.chunks, proxy.port));
    const { malformed, commands } = await judge(file, proxy.port);
    expect(malformed).toEqual([]);
    const [unbind, enquire_link] = [0x06, 0x15];
    for (const command of [0x01, 0x02, 0x04, 0x05, 0x09, unbind, enquire_link]) {
      expect(commands).toContain(command);
      expect(commands).toContain(0x80000000 + command);
    }
  });
});

/** That SMSC, running, and what passes between it and whoever is at `port`. */
class DriveSmpp {
  readonly proxy: RecordingProxy;
  readonly #child: ChildProcess;
  readonly #box: Server;
  readonly #folder = mkdtempSync(join(tmpdir(), 'signet-kannel-frames-'));
  #said = '';

  private constructor(child: ChildProcess, proxy: RecordingProxy, box: Server) {
    this.#child = child;
    this.proxy = proxy;
    this.#box = box;
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  /** Starts one that delivers so many texts from a handset and waits for as many messages. */
  static async start(messages: number): Promise<DriveSmpp> {
    const box = createServer((socket) => socket.on('error', () => {}).resume());
    box.listen(DRIVE_SMPP_BOX_PORT, '127.0.0.1');
    await once(box, 'listening');
    const port = await freePort();
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    const child = spawn(DRIVE_SMPP, ['-v', '0', '-p', String(port), '-m', String(messages)], { stdio: [...stdio] });
    const started = new DriveSmpp(child, await RecordingProxy.start(port), box);
    await started.says('Started thread 1');
    return started;
  }

  /** What it wrote. */
  get said(): string {
    return this.#said;
  }

  async says(what: string): Promise<void> {
    await until(
      () => this.#said.includes(what),
      () => `${what}; it wrote ${this.#said.slice(-2000)}`,
    );
  }

  /** What tshark thinks of all that passed. */
  async judged(): Promise<Judgement> {
    const file = join(this.#folder, 'drive-smpp.pcap');
    writeFileSync(file, pcapOf(this.proxy.chunks, this.proxy.port));
    return judge(file, this.proxy.port);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.proxy.close();
    await new Promise((resolve) => this.#box.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const ALL_SUBMITTED = 'ESME has submitted all messages to SMSC';

describe.skipIf(tools.includes(false))("the SMSC of Kannel's tests", () => {
  let smsc: DriveSmpp;
  afterEach(() => smsc?.stop());

  it('takes our messages over a transmitter and gives its own over a receiver', async () => {
    smsc = await DriveSmpp.start(100);
    const answers: Answer<number>[] = [];
    const delivered: DeliverSm[] = [];
    const bind = async (bindType: 'transmitter' | 'receiver') => {
      const made = new EsmeSession<number>({
        ...{ host: '127.0.0.1', port: smsc.proxy.port, system_id: 'foo', password: 'bar', bindType },
      });
      made.on('results', (batch) => answers.push(...batch));
      made.on('malformed', (error) => expect.unreachable(error.reason));
      made.on('pdus', (pdus) => {
        for (const pdu of pdus) if (pdu.command === 'deliver_sm') delivered.push(pdu);
        made.respondMany(pdus);
      });
      await made.open();
      return made;
    };
    const transmitter = await bind('transmitter');
    const receiver = await bind('receiver');
    const requests = Array.from({ length: 100 }, (_, i) => ({
      ...{ source_addr: '123', destination_addr: '456', short_message: String(i), registered_delivery: 1 },
    }));
    expect(transmitter.submitMany(requests, [...requests.keys()])).toBe(100);
    await until(() => answers.length === 100 && delivered.length === 100, 'all that either side sends');
    expect(answers.map((each) => [each.context, each.status])).toEqual(requests.map((_, i) => [i, 0]));
    expect(delivered.map((pdu) => pdu.short_message.toString())).toEqual(requests.map((_, i) => String(i + 1)));
    await smsc.says(ALL_SUBMITTED);
    for (const i of requests.keys()) expect(smsc.said).toContain(`short_message = <${i}>`);
    await Promise.all([transmitter.unbind(), receiver.unbind()]);
    const { malformed, commands } = await smsc.judged();
    expect(malformed).toEqual([]);
    expect(commands.filter((command) => command === 0x04)).toHaveLength(100);
  });

  it('is a carrier of the whole house', async () => {
    const count = 50;
    smsc = await DriveSmpp.start(count);
    const house = await startHouse({ simulator: false, env: { SIGNET_FREQUENCY: 'off' } });
    try {
      expectOk(
        await house.asRoot('POST', '/api/v1/channels', {
          name: 'kannel',
          smpp: {
            ...{ host: '127.0.0.1', port: smsc.proxy.port, system_id: 'foo', password: 'bar' },
            ...{ bind_mode: 'transmitter_receiver', sender: '123' },
          },
        }),
      );
      const sender = await openSender(house, { template: '{text}' });
      const uuid = await sender.send(numbersFrom(0, count), { params: { text: '您好' } });
      // It gives no message ids, so nothing can be reported.
      await sender.finished(uuid, ['submitted']);
      await smsc.says(ALL_SUBMITTED);
      await smsc.says('All messages sent to ESME');
      expect(await house.terminate()).toBe(0);
      const { malformed, commands } = await smsc.judged();
      expect(malformed).toEqual([]);
      const times = (wanted: number) => commands.filter((command) => command === wanted).length;
      expect([times(0x01), times(0x02), times(0x04), times(0x05), times(0x06)]).toEqual([1, 1, count, count, 2]);
      for (const command of [0x04, 0x05, 0x06]) expect(times(0x80000000 + command)).toBe(times(command));
    } finally {
      await house.stop();
    }
  });
});
