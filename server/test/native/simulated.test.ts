import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { approved, mobiles, planOf, send } from './seed.ts';

let house: House;
let root: Client;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  root = (await nativeClients(house))(rootOf(house));
});
afterAll(() => house?.stop());

it('messages that only went to the built-in simulator say so, also after a channel was added', async () => {
  const business = await house.createBusiness({ credits: 10 });
  const uuid = await send(house, business, await approved(house, root, business), mobiles(2));
  const plan = await planOf(root, uuid, ({ counts }) => counts.delivered === 2);
  const simulated = async () => (await root.get(`/plans/${plan.plan_id}/messages`)).json.items;
  const shown = { simulated: true, channel_id: null, state: 'delivered' };
  expect(await simulated()).toMatchObject([shown, shown]);

  const smpp = { host: '127.0.0.1', port: 2775, system_id: 'acme', password: 'hush' };
  await root.post('/channels', { name: 'real', smpp, enabled: false });
  expect(await simulated()).toMatchObject([shown, shown]);
});
