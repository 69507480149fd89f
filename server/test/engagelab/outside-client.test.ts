import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { Handsets, newAccount, reviewSign, reviewTemplate } from './dialect.ts';

/**
 * A program written for the vendor's service: eleven calls, JSON as its content type on every one of them, an empty body
 * where there is nothing to say, errors by HTTP status. All it is told about Signet is a base URL and a key.
 */
class VendorClient {
  readonly #baseUrl: string;
  readonly #headers: Record<string, string>;

  constructor(apiKey: string, apiSecret: string, baseUrl = 'https://smsapi.engagelab.com') {
    this.#baseUrl = baseUrl;
    this.#headers = {
      'Content-Type': 'application/json',
      Authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`,
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: what a client reads
  async #call(method: string, path: string, payload?: object): Promise<any> {
    // fetch says Content-Length: 0 for a body that is the empty text.
    const body = method === 'GET' ? undefined : payload === undefined ? '' : JSON.stringify(payload);
    const answer = await fetch(this.#baseUrl + path, {
      method,
      headers: this.#headers,
      ...(body !== undefined && { body }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: what a client reads
    const json = (await answer.json()) as any;
    if (answer.status >= 400 || (json.code ?? 0) !== 0)
      throw new Error(`[${answer.status}] ${json.code}: ${json.message}`);
    return json;
  }

  sendSms = (
    to: string[],
    template: { id: string | number; params?: object | null },
    more: { plan_name?: string; schedule_time?: number; custom_args?: object } = {},
  ) => this.#call('POST', '/v1/messages', { to, template, ...more });

  listTemplates = () => this.#call('GET', '/v1/template-configs');
  getTemplate = (id: string) => this.#call('GET', `/v1/template-configs/${id}`);
  createTemplate = (fields: object) => this.#call('POST', '/v1/template-configs', fields);
  updateTemplate = (id: string, fields: object) => this.#call('PUT', `/v1/template-configs/${id}`, fields);
  deleteTemplate = (id: string) => this.#call('DELETE', `/v1/template-configs/${id}`);

  listSigns = () => this.#call('GET', '/v1/sign-configs');
  getSign = (id: string) => this.#call('GET', `/v1/sign-configs/${id}`);
  createSign = (sign_name: string) => this.#call('POST', '/v1/sign-configs', { sign_name });
  updateSign = (id: string, sign_name: string) => this.#call('PUT', `/v1/sign-configs/${id}`, { sign_name });
  deleteSign = (id: string) => this.#call('DELETE', `/v1/sign-configs/${id}`);
}

let house: House;
const handsets = new Handsets();
beforeAll(async () => {
  house = await startHouse({ simulator: handsets.simulator });
});
afterAll(() => house.stop());

it('a program written for the service works after changing its base URL', async () => {
  const owner = await newAccount(house, 100);
  const { api_key, api_secret } = (await owner.post('/api/v1/api-keys', {})).json;
  const client = new VendorClient(api_key, api_secret, house.url);

  const success = { code: 0, message: 'success' };
  expect(await client.listSigns()).toEqual([]);
  const { sign_id } = await client.createSign('MyCompany');
  expect(await client.getSign(sign_id)).toMatchObject({ sign_id, sign_name: 'MyCompany', status: 1 });
  await reviewSign(house, sign_id, 'passed');
  expect(await client.updateSign(sign_id, 'Company')).toEqual(success);
  await reviewSign(house, sign_id, 'passed');

  const fields = {
    template_name: 'Order Notification',
    template_type: 'utility',
    template_content: 'Hi {{name}}, your code is {code}.',
    country_codes: 'CN,US',
    add_signature: true,
    sign_id,
    sign_position: 1,
  };
  const { template_id } = await client.createTemplate(fields);
  expect(await client.getTemplate(template_id)).toMatchObject({ template_id, status: 1, sign_name: 'Company' });
  await reviewTemplate(house, template_id, 'passed');
  expect(await client.updateTemplate(template_id, { ...fields, template_type: 'marketing', sign_position: 2 })).toEqual(
    success,
  );
  await reviewTemplate(house, template_id, 'passed');
  expect(await client.listTemplates()).toMatchObject([{ template_id, template_type: 'marketing', status: 2 }]);
  expect(await client.listSigns()).toMatchObject([{ sign_id, related_template_count: 1 }]);

  const one = await client.sendSms(['+8613800138000'], { id: template_id, params: { name: 'Ann', code: 39487 } });
  expect(Object.keys(one)).toEqual(['plan_id', 'total_count', 'accepted_count', 'message_id']);
  await client.sendSms(['8613800138001', '+447400123456'], { id: Number(template_id), params: null });
  expect(await handsets.received('8613800138000')).toEqual(['Hi Ann, your code is 39487.【Company】']);
  expect(await handsets.received('8613800138001')).toEqual(['Hi {{name}}, your code is {code}.【Company】']);
  expect(await handsets.received('447400123456')).toEqual(['Hi {{name}}, your code is {code}.[Company]']);

  const schedule_time = Math.floor(Date.now() / 1000) + 3_600;
  const more = { plan_name: 'Campaign', schedule_time, custom_args: { id: 1 } };
  const later = await client.sendSms(['+8613800138002'], { id: template_id }, more);
  expect(later.schedule_info.task_id).toEqual(expect.any(Number));

  await expect(client.deleteTemplate(template_id)).rejects.toThrow(
    '[400] 400: there are pending or running plans using current template, can not update',
  );
  await owner.post(`/v1/plans/${later.plan_id}/cancel`);
  await expect(client.deleteSign(sign_id)).rejects.toThrow('sign config is used by templates, can not delete');
  await expect(client.getTemplate('abc')).rejects.toThrow('[400] 400: invalid templateId');
  await expect(client.sendSms(['+86138'], { id: template_id })).rejects.toThrow('[400] 3002: ');
  await expect(client.sendSms(['+8613800138000'], { id: 'my-template' })).rejects.toThrow('[400] 3002: ');
  await expect(new VendorClient(api_key, 'wrong', house.url).listSigns()).rejects.toThrow('[401] 2001: ');

  expect(await client.deleteTemplate(template_id)).toEqual(success);
  expect(await client.deleteSign(sign_id)).toEqual(success);
  expect(await client.listTemplates()).toEqual([]);
});
