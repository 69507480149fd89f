import { type DeliverSm, ESM_CLASS, formatReceipt, type PduInput, type SubmitSm } from '@signet/smpp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Peer, PeerServer } from '../../../../smpp/test/peer.ts';
import { Rig } from '../../../test/carrier.ts';
import { until } from '../../../test/house.ts';

/** A carrier that talks nonsense: what can be understood counts, and the messages go on. */
describe('a connector at a carrier that talks nonsense', () => {
  let server: PeerServer;
  let rig: Rig;
  let peer: Peer;
  beforeEach(async () => {
    server = await new PeerServer().listen();
    rig = new Rig(server.port, { window: 5 });
    rig.connector.start();
    peer = await server.peer();
    await peer.acceptBind();
    await until(() => rig.connector.status().link === 'bound', 'the bind');
  });
  afterEach(async () => {
    peer.socket.destroy();
    await rig.close();
    await server.close();
  });

  /** Sends messages and waits until the carrier has them. */
  const submit = async (count: number) => {
    rig.send(count);
    return (await peer.take(count)) as SubmitSm[];
  };
  const accept = ({ sequence }: { sequence: number }, message_id: string): PduInput => ({
    command: 'submit_sm_resp',
    sequence,
    status: 0,
    message_id,
  });
  const answered = (count: number) => until(() => rig.ear.answers.length === count, `${count} answers`);
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  /** That the link still works. */
  const expectAlive = async (message_id: string) => {
    const before = rig.ear.answers.length;
    const [pdu] = await submit(1);
    peer.send(accept(pdu!, message_id));
    await answered(before + 1);
    expect(rig.ear.answers.at(-1)!.outcome).toEqual({ kind: 'accepted', carrierIds: [message_id] });
  };

  it('takes generic_nack for a no', async () => {
    const [pdu] = await submit(1);
    peer.sendHex(`00000010 80000000 00000003 ${hex(pdu!.sequence)}`);
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'refused', retry: 'never', error: 'ESME_RINVCMDID' });
    await expectAlive('still');
  });

  it('passes by answers to what it never asked, and answers given twice', async () => {
    const [pdu] = await submit(1);
    peer.send(accept({ sequence: 999_999 }, 'nobody'), accept(pdu!, 'right'), accept(pdu!, 'again'));
    await answered(1);
    await expectAlive('still');
    expect(rig.ear.answers.map(({ outcome }) => outcome)).toEqual([
      { kind: 'accepted', carrierIds: ['right'] },
      { kind: 'accepted', carrierIds: ['still'] },
    ]);
  });

  it('lives on after PDUs nobody knows, and PDUs that are cut off within', async () => {
    // A command of nobody's, a deliver_sm without a body, and one whose text is longer than the PDU.
    peer.sendHex('00000010 00000777 00000000 00000001');
    peer.sendHex('00000010 00000005 00000000 00000002');
    peer.sendHex('00000022 00000005 00000000 00000003 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff 41');
    const refusals = [await peer.next(), await peer.next(), await peer.next()];
    for (const refusal of refusals) expect((refusal as { status: number }).status).not.toBe(0);
    await expectAlive('still');
    expect(rig.ear.reports).toEqual([]);
  });

  it('counts the header of an answer whose body cannot be read', async () => {
    const [first, second] = await submit(2);
    // submit_sm_resp with an id that never ends, and one without any body.
    peer.sendHex(`00000014 80000004 00000000 ${hex(first!.sequence)} 41424344`);
    peer.sendHex(`00000010 80000004 00000000 ${hex(second!.sequence)}`);
    await answered(2);
    expect(rig.ear.answers.map(({ outcome }) => outcome.kind)).toEqual(['accepted', 'accepted']);
    await expectAlive('still');
  });

  it('passes on reports that name no message, for those who keep what carriers write', async () => {
    const report = (text: string): PduInput => ({
      command: 'deliver_sm',
      sequence: 1,
      esm_class: ESM_CLASS.DELIVERY_RECEIPT,
      source_addr: '8613800130000',
      short_message: Buffer.from(text),
    });
    for (const text of ['', 'hello', 'id: stat:DELIVRD', 'id:abc stat:']) {
      peer.send(report(text));
      const answer = (await peer.next()) as unknown as DeliverSm;
      expect(answer.command).toBe('deliver_sm_resp');
    }
    await until(() => rig.ear.reports.length === 4, 'the reports');
    expect(rig.ear.reports.map(({ carrierId }) => carrierId)).toEqual(['', '', '', 'abc']);
    const at = 1_767_225_600_000;
    peer.send({
      ...report(''),
      short_message: formatReceipt({ messageId: 'x1', state: 'delivered', error: '000', submittedAt: at, doneAt: at }),
    } as PduInput);
    await peer.next();
    expect(rig.ear.reports.at(-1)).toMatchObject({ carrierId: 'x1', state: 'delivered' });
  });

  it('leaves a stream that is broken, and comes again', async () => {
    await submit(2);
    peer.sendHex('ffffffff 80000004 00000000 00000001');
    await answered(2);
    expect(rig.ear.answers.map(({ outcome }) => outcome.kind)).toEqual(['unknown', 'unknown']);
    expect(rig.connector.status().reason).toMatch(/broken-stream/);
    rig.clock.advance(30_000);
    peer = await server.peer();
    await peer.acceptBind();
    await until(() => rig.connector.status().link === 'bound', 'the next bind');
    await expectAlive('still');
  });

  it('reads octets in whatever pieces they come', async () => {
    const pdus = await submit(3);
    const octets = Buffer.concat(
      pdus.map(({ sequence }, i) =>
        Buffer.from(`00000012 80000004 00000000 ${hex(sequence)} 4${i + 1}00`.replace(/ /g, ''), 'hex'),
      ),
    );
    for (const octet of octets) {
      peer.socket.write(Buffer.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await answered(3);
    expect(rig.ear.answers.map(({ outcome }) => outcome)).toEqual(
      ['A', 'B', 'C'].map((id) => ({ kind: 'accepted', carrierIds: [id] })),
    );
  });
});
