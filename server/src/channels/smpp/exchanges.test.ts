import { STATUS } from '@signet/smpp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HandCarrier, Rig } from '../../../test/carrier.ts';
import { until } from '../../../test/house.ts';
import type { SmppSettings } from '../../domain/smpp-settings.ts';

let carrier: HandCarrier;
let rig: Rig;

beforeEach(async () => {
  carrier = await HandCarrier.start({ system_id: 'carrier' });
});
afterEach(async () => {
  await rig.close();
  await carrier.close();
});

const bind = async (settings: Partial<SmppSettings> = {}) => {
  rig = new Rig(carrier.server.port, settings);
  rig.connector.start();
  await until(() => rig.connector.status().link === 'bound', 'the bind');
};
const noted = (kind: string) => rig.exchanges.filter((exchange) => exchange.kind === kind);
const taken = (count: number) => until(() => carrier.taken.length >= count, `${count} submit_sm`);

it('a bind is noted with whom it reached', async () => {
  await bind();
  expect(noted('bind')).toMatchObject([{ bind: 1, answer: 'smpp', status: 0, detail: 'transceiver to carrier' }]);
  expect(noted('bind')[0]!.tookMs).toBeGreaterThan(0);
});

it('each part is noted with its answer, its id and how long it took', async () => {
  await bind();
  const [message] = rig.send(1, 'x'.repeat(200));
  await taken(2);
  const [first] = carrier.answer(1);
  carrier.answer(1, STATUS.ESME_RINVDSTADR);
  await until(() => noted('submit').length === 2, 'both parts');
  const { planId, index, recipient: number } = message!;
  const about = { kind: 'submit', bind: 1, at: rig.clock.now(), planId, index, number, parts: 2, answer: 'smpp' };
  expect(noted('submit')).toMatchObject([
    { ...about, part: 1, octets: 159, dataCoding: 0, status: 0, carrierId: first },
    { ...about, part: 2, octets: 53, status: STATUS.ESME_RINVDSTADR, carrierId: '' },
  ]);
  for (const { tookMs } of noted('submit')) expect(tookMs).toBeGreaterThan(0);
});

it('a part without an answer is noted when its time is over, and again when the answer comes late', async () => {
  await bind({ responseTimeoutMs: 100 });
  rig.send(1);
  await until(() => noted('submit').length === 1, 'the timeout');
  expect(noted('submit')[0]).toMatchObject({ answer: 'timeout', carrierId: '' });
  expect(noted('submit')[0]!.tookMs).toBeGreaterThanOrEqual(100);
  const [carrierId] = carrier.answer();
  await until(() => noted('submit').length === 2, 'the late answer');
  expect(noted('submit')[1]).toMatchObject({ answer: 'smpp', status: 0, carrierId, detail: 'answered late' });
});

it('a link that is lost is noted with its reason, and so is what was in flight', async () => {
  await bind();
  rig.send(1);
  await taken(1);
  carrier.session.destroy();
  await until(() => noted('down').length === 1, 'the loss');
  expect(noted('submit')).toMatchObject([{ answer: 'lost' }]);
  expect(noted('down')[0]!.detail).toMatch(/^(peer-closed|socket-error): /);
});

it('a carrier that does not say whether it lives is noted', async () => {
  await bind({ enquireLinkMs: 50, responseTimeoutMs: 50 });
  carrier.session.pause();
  await until(() => noted('down').length === 1, 'the link to be given up');
  expect(noted('enquire_link')).toMatchObject([{ answer: 'timeout' }]);
});

it('a bind that is refused, or finds nobody, is noted with the reason', async () => {
  await carrier.close();
  carrier = await HandCarrier.start({ authenticate: () => STATUS.ESME_RINVPASWD });
  rig = new Rig(carrier.server.port);
  rig.connector.start();
  await until(() => noted('bind').length === 1, 'the refusal');
  expect(noted('bind')).toMatchObject([
    { answer: 'smpp', status: STATUS.ESME_RINVPASWD, detail: expect.stringMatching(/^bind-refused/) },
  ]);
  await carrier.close();
  await until(() => {
    rig.clock.advance(60_000);
    return noted('bind').some(({ answer }) => answer === 'lost');
  }, 'the connection that fails');
  expect(noted('bind').at(-1)!.detail).toMatch(/^connect-failed: /);
});

it('a report and a message from a phone are noted with how they were answered', async () => {
  await bind();
  const address = { source_addr: '8613800130000', destination_addr: '1069' };
  carrier.session.deliverMany(
    [
      {
        ...address,
        esm_class: 4,
        short_message: Buffer.from(
          'id:abc sub:001 dlvrd:001 submit date:2611261200 done date:2611261201 stat:UNDELIV err:012 text:',
        ),
      },
      { ...address, short_message: Buffer.from('hello') },
    ],
    [undefined, undefined],
  );
  await until(() => noted('report').length + noted('inbound').length === 2, 'both');
  expect(noted('report')).toMatchObject([
    { number: 8_613_800_130_000, carrierId: 'abc', status: 0, detail: 'undelivered, error 012' },
  ]);
  expect(noted('inbound')).toMatchObject([{ number: 8_613_800_130_000, octets: 5, answer: 'smpp' }]);
});

it('the end of a bind in order is noted', async () => {
  await bind();
  await rig.connector.stop(1_000);
  expect(noted('unbind')).toHaveLength(1);
  expect(noted('down')).toEqual([]);
});
