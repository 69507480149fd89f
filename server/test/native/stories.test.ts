import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { type Approved, approved, newTemplate, planOf, send } from './seed.ts';

let house: House;
let root: Client;
let business: TestBusiness;
let own: Client;
let ready: Approved;
/** Done once, when the SMSC has taken the next message. */
let afterNextSubmit: () => void = () => {};

beforeAll(async () => {
  house = await startHouse({
    simulator: {
      onSubmit() {
        const act = afterNextSubmit;
        afterNextSubmit = () => {};
        act();
      },
    },
  });
  const as = await nativeClients(house);
  root = as(rootOf(house));
  business = await house.createBusiness({ credits: 100 });
  own = as(business);
  ready = await approved(house, root, business);
});
afterAll(() => house?.stop());

/** Sends one message and tells its story when it has come to this state. */
async function storyOf(to: string, state: string, using = ready) {
  const uuid = await send(house, business, using, [to]);
  const plan = await planOf(own, uuid, ({ counts }) => counts[state] === 1);
  const [{ message_id }] = (await own.get(`/plans/${plan.plan_id}/messages`)).json.items;
  const { timeline, ...message } = (await own.get(`/messages/${message_id}`)).json;
  return { message, steps: timeline.map(({ at: _, ...step }: { at: string }) => step) };
}

it('the carrier refuses: nothing is charged, and its reason is kept', async () => {
  house.simulator.set({ rules: [{ suffix: '01', status: 'ESME_RINVDSTADR' }] });
  const { message, steps } = await storyOf('+8613800138001', 'refused');
  expect(message).toMatchObject({ reserved: 1, settled: 0, released: 1, error: 'ESME_RINVDSTADR', submitted_at: null });
  expect(steps).toEqual([
    { state: 'accepted' },
    { state: 'dispatching', attempt: 1, channel_id: expect.any(Number) },
    { state: 'refused' },
  ]);
});

it('the report says no: it is charged as submitted', async () => {
  house.simulator.set({ rules: [{ suffix: '02', receipt: 'undeliverable' }] });
  const { message, steps } = await storyOf('+8613800138002', 'undelivered');
  expect(message).toMatchObject({ settled: 1, released: 0 });
  expect(steps.slice(2)).toEqual([{ state: 'submitted' }, { state: 'undelivered' }]);
});

it('the carrier asks to come later: a second attempt, which is no repeat', async () => {
  house.simulator.set({ rules: [{ suffix: '03', status: 'ESME_RSYSERR' }] });
  afterNextSubmit = () => house.simulator.set({ rules: [] });
  const { message, steps } = await storyOf('+8613800138003', 'delivered');
  expect(message).toMatchObject({ attempts: 2, repeats: 0, settled: 1 });
  expect(steps).toEqual([
    { state: 'accepted' },
    { state: 'dispatching', attempt: 1, channel_id: expect.any(Number) },
    { state: 'dispatching', attempt: 2, channel_id: expect.any(Number) },
    { state: 'submitted' },
    { state: 'delivered' },
  ]);
});

it('the carrier never answers a code: one repeat, flagged and not charged again', async () => {
  const [{ id }] = (await root.get('/channels')).json.items;
  await root.patch(`/channels/${id}`, { smpp: { response_timeout_ms: 2_000 } });
  const templateId = await newTemplate(house, business, ready.signatureId, { template: 'Your code is 1234', type: 1 });
  await root.post(`/templates/${templateId}/review`, { state: 'approved' });
  house.simulator.set({ rules: [{ suffix: '04', silent: true, receipt: 'none' }] });
  afterNextSubmit = () => house.simulator.set({ rules: [] });

  const { message, steps } = await storyOf('+8613800138004', 'delivered', { ...ready, templateId });
  expect(message).toMatchObject({ attempts: 2, repeats: 1, reserved: 1, settled: 1, released: 0 });
  expect(steps).toEqual([
    { state: 'accepted' },
    { state: 'dispatching', attempt: 1, channel_id: expect.any(Number) },
    { state: 'dispatching', attempt: 2, channel_id: expect.any(Number), repeat: true },
    { state: 'submitted' },
    { state: 'delivered' },
  ]);
  const changes = (await own.get('/events?limit=1000')).json.items.filter(
    (event: { runs?: { plan_id: number }[] }) => event.runs?.[0]?.plan_id === message.plan_id,
  );
  expect(changes).toContainEqual(expect.objectContaining({ state: 'queued', repeat: true }));
});

it('the ledger agrees with all of it', async () => {
  expect((await root.get('/ledger/check')).json).toEqual({ ok: true, faults: [] });
});
