import { type House, type TestBusiness, until } from '../house.ts';
import type { Client } from './client.ts';

/** What a business needs to send. */
export interface Approved {
  signatureId: number;
  templateId: number;
}

async function tsms(house: House, business: TestBusiness, path: string, body: unknown) {
  const answer = await house.request('POST', path, { ...business, body });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** A signature of the business that waits for review. */
export async function newSignature(house: House, business: TestBusiness, text = 'Acme'): Promise<number> {
  return (await tsms(house, business, '/v1/signature', { signature: text, source: 'trade register' })).sign_id;
}

/** A template of the business that waits for review. `type` as in tsms: 1 verification, 2 notification, 3 marketing. */
export async function newTemplate(
  house: House,
  business: TestBusiness,
  signatureId: number,
  { template = 'Your parcel is here', type = 2 } = {},
): Promise<number> {
  const body = { name: 'parcel', template, type, description: 'tells of a parcel', sign_id: signatureId };
  return (await tsms(house, business, '/v1/template', body)).temp_id;
}

/** A signature and a template, both approved; a notification unless said otherwise. */
export async function approved(house: House, root: Client, business: TestBusiness, type = 2): Promise<Approved> {
  const signatureId = await newSignature(house, business);
  await root.post(`/signatures/${signatureId}/review`, { state: 'approved' });
  const templateId = await newTemplate(house, business, signatureId, { type });
  await root.post(`/templates/${templateId}/review`, { state: 'approved' });
  return { signatureId, templateId };
}

/** Sends to numbers; returns the uuid of the plan. */
export async function send(house: House, business: TestBusiness, with_: Approved, mobiles: string[]): Promise<string> {
  const body = { sign_id: with_.signatureId, temp_id: with_.templateId, mobiles };
  return (await tsms(house, business, '/v1/message', body)).uuid;
}

/** Waits until the plan with that uuid is in a state; returns it. */
export async function planOf(client: Client, uuid: string, isReady: (plan: Plan) => boolean): Promise<Plan> {
  let found: Plan | undefined;
  await until(async () => {
    const plans: Plan[] = (await client.get('/plans?limit=1000')).json.items;
    const listed = plans.find((plan) => plan.uuid === uuid);
    found = listed && (await client.get(`/plans/${listed.plan_id}`)).json;
    return found !== undefined && isReady(found);
  }, `plan ${uuid}`);
  return found!;
}

export interface Plan {
  plan_id: number;
  uuid: string;
  state: string;
  total: number;
  left: number;
  counts: Record<string, number>;
}

/** Test numbers of the +86 138 0013 8000 range. */
export const mobiles = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `+86138001${String(38_000 + from + i).padStart(5, '0')}`);
