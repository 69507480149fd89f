import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Framer, STATUS } from '@signet/smpp';
import { type Simulator, startSimulator } from '@signet/smpp/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rig } from '../carrier.ts';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, numbersFrom, openSender, type Sender } from '../journeys/sender.ts';
import { haveTool } from '../needs.ts';
import { pcapOf } from './pcap.ts';
import { RecordingProxy } from './recording-proxy.ts';
import { capture, type Judgement, judge } from './tshark.ts';

const COMMANDS = {
  bind_transceiver: 0x00000009,
  bind_transceiver_resp: 0x80000009,
  submit_sm: 0x00000004,
  submit_sm_resp: 0x80000004,
  deliver_sm: 0x00000005,
  deliver_sm_resp: 0x80000005,
  enquire_link: 0x00000015,
  enquire_link_resp: 0x80000015,
  unbind: 0x00000006,
  unbind_resp: 0x80000006,
} as const;

/** What the platform and its SMSC say to each other, read by somebody who has never heard of either. */
describe.skipIf(!haveTool('tshark'))('the frames on the wire', () => {
  let dir: string;
  let house: House;
  let sender: Sender;
  let simulator: Simulator;
  let proxy: RecordingProxy;
  /** Of what the proxy has passed on, in a capture file of our own making: whole. */
  let recorded: Judgement;
  /** Of what went over the interface; null where it may not be captured. Its end may be missing. */
  let captured: Judgement | null = null;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'signet-frames-'));
    simulator = await startSimulator({ receiptDelayMs: 0, accounts: { signet: 'right' } });
    proxy = await RecordingProxy.start(simulator.port);
    const liveFile = join(dir, 'live.pcapng');
    const live = await capture(liveFile, proxy.port);
    house = await startHouse({ simulator: false, env: { SIGNET_ENV: 'production', SIGNET_FREQUENCY: 'off' } });
    sender = await openSender(house, { template: '{text}', signature: 'Signet' });
    await traffic();
    await live?.stop();
    if (live !== null) captured = await judge(liveFile, proxy.port);
    const file = join(dir, 'recorded.pcap');
    writeFileSync(file, pcapOf(proxy.chunks, proxy.port));
    recorded = await judge(file, proxy.port);
  }, 120_000);
  afterAll(async () => {
    await house?.stop();
    await proxy?.close();
    await simulator?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Everything the two can say to each other. */
  async function traffic(): Promise<void> {
    const smpp = { host: '127.0.0.1', port: proxy.port, system_id: 'signet', password: 'wrong', enquire_link_ms: 100 };
    const { id } = expectOk(await house.asRoot('POST', '/api/v1/channels', { name: 'carrier', smpp })).json;
    const edit = async (change: Record<string, unknown>) =>
      expectOk(await house.asRoot('PATCH', `/api/v1/channels/${id}`, { smpp: change }));
    const stateOf = async () => expectOk(await house.asRoot('GET', `/api/v1/channels/${id}`)).json.state;
    await until(async () => /refused/.test((await stateOf()).reason), 'the bind to be refused');

    const senders = ['', 'Signet', '10690', '+12025550123'];
    for (const sender_address of senders) {
      await edit({ password: 'right', sender: sender_address });
      await until(async () => (await stateOf()).link === 'bound', 'the bind');
      const texts = ['', 'plain', 'with [€] and {}', 'x'.repeat(400), '您好', '长😀'.repeat(100), '€'.repeat(200)];
      const recipients = numbersFrom(0, 50 * texts.length).map((mobile, i) => ({
        mobile,
        params: { text: texts[i % texts.length] },
      }));
      await sender.finished(await sender.send([], { recipients }));
    }
    simulator.set({
      ids: 'decimal',
      receiptTlvs: false,
      receipts: { undeliverable: 1, expired: 1, rejected: 1, enroute: 1 },
    });
    await sender.finished(await sender.send(numbersFrom(0, 30), { params: { text: 'x' } }), [
      'undelivered',
      'expired',
      'rejected',
      'submitted',
    ]);
    simulator.set({ rules: [{ prefix: '86', status: 'ESME_RINVDSTADR' }] });
    await sender.finished(await sender.send(numbersFrom(0, 30), { params: { text: 'x' } }), ['refused']);
    await simulator.deliver({ from: '8613800138000', to: '10690', text: 'STOP 退订' });
    const enquiries = () => count(COMMANDS.enquire_link);
    const before = enquiries();
    await until(() => enquiries() > before, 'a question whether the link lives');
    await sevenBits();
    expectOk(await house.asRoot('POST', `/api/v1/channels/${id}/disable`));
    await until(() => count(COMMANDS.unbind_resp) === senders.length + 1, 'the last unbind');
  }

  /** Texts of the GSM alphabet, which no signature in 【】 leaves as they are, straight from a connector. */
  async function sevenBits(): Promise<void> {
    simulator.set({ rules: [] });
    const rig = new Rig(proxy.port, { systemId: 'signet', password: 'right' }, { realClock: true });
    rig.connector.start();
    await until(() => rig.connector.room('notification') > 0, 'the bind');
    for (const text of ['', 'plain', 'with [€] and {}', 'x'.repeat(160), 'x'.repeat(400), '€'.repeat(200)])
      rig.send(5, text);
    await until(() => rig.ear.answers.length === 30, 'the answers');
    await rig.close();
  }

  /** command_id of every PDU that went through the proxy, as our own framer cuts them. */
  function framed(): number[] {
    const commands: number[] = [];
    const framers = new Map<string, Framer>();
    for (const { connection, from, octets } of proxy.chunks) {
      const key = `${connection} ${from}`;
      const framer = framers.get(key) ?? new Framer();
      framers.set(key, framer);
      framer.push(octets, (buffer, start) => commands.push(buffer.readUInt32BE(start + 4)));
    }
    return commands;
  }
  const count = (command: number) => framed().filter((each) => each === command).length;
  const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

  it('carry no malformed mark', () => {
    expect(recorded.malformed).toEqual([]);
    if (captured === null) return;
    expect(captured.malformed).toEqual([]);
    const { submit_sm, submit_sm_resp, deliver_sm, deliver_sm_resp } = COMMANDS;
    for (const command of [submit_sm, submit_sm_resp, deliver_sm, deliver_sm_resp]) {
      expect(captured.commands).toContain(command);
    }
  });

  it('would carry one if they were broken', async () => {
    const broken = join(dir, 'broken.pcap');
    // A submit_sm whose text is said to be longer than the PDU.
    const octets = Buffer.from(`${'00000022'}${'00000004'}${'00000000'}${'00000001'}${'00'.repeat(16)}ff41`, 'hex');
    writeFileSync(broken, pcapOf([{ connection: 0, from: 'client', atMs: 1_767_225_600_000, octets }], 2775));
    expect((await judge(broken, 2775)).malformed).toHaveLength(1);
  });

  it('are as many PDUs as we wrote, of every command we speak', () => {
    expect(sorted(recorded.commands)).toEqual(sorted(framed()));
    expect(new Set(recorded.commands)).toEqual(new Set(Object.values(COMMANDS)));
  });

  it('carry long texts in parts that a handset can join', () => {
    // With 【Signet】 in front, 400 characters of UCS-2 need seven parts, 300 five; 400 septets alone need three.
    for (const part of ['1/7', '7/7', '1/5', '5/5', '1/3', '3/3']) expect(recorded.parts).toContain(part);
  });

  it('carry refusals by the codes of the specification', () => {
    const { ESME_ROK, ESME_RINVPASWD, ESME_RINVDSTADR } = STATUS;
    expect(recorded.statuses).toEqual(new Set([ESME_ROK, ESME_RINVPASWD, ESME_RINVDSTADR]));
  });
});
