import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import {
  type Account,
  APPROVED,
  idIn,
  newAccount,
  OK,
  PENDING,
  REJECTED,
  reviewSign,
  reviewTemplate,
  SIGNS,
  said,
  signedBy,
  TEMPLATES,
  templateOf,
} from './dialect.ts';

const NOT_THERE = '400 template config not exist';

let house: House;
let account: Account;
let sign: string;
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house);
  sign = await account.sign();
});
afterAll(() => house.stop());

/** What creating and changing both refuse, with what they say. */
const WRONG: [field: string, value: unknown, message: string][] = [
  ...['template_name', 'template_content', 'country_codes'].flatMap((field): [string, unknown, string][] => [
    [field, undefined, `${field} is required`],
    [field, null, `${field} is required`],
    [field, '', `${field} is required`],
    [field, ' \u3000', `${field} is required`],
    [field, 1, `${field} must be a string`],
    [field, true, `${field} must be a string`],
    [field, ['x'], `${field} must be a string`],
    [field, {}, `${field} must be a string`],
  ]),
  ['template_name', 'x'.repeat(256), 'template_name must have at most 255 characters'],
  ['template_content', '星'.repeat(2_001), 'template_content must have at most 2000 characters'],
  ['template_type', undefined, 'template_type is required'],
  ['template_type', null, 'template_type is required'],
  ['template_type', '', 'template_type is required'],
  ...['Utility', 'notification', 'verification', '1', 1, true, [], ['utility'], {}].map(
    (type): [string, unknown, string] => [
      'template_type',
      type,
      'template_type must be utility, marketing or authentication',
    ],
  ),
  ...['ZZ', 'UK', 'CHN', 'CN,', ',', 'CN,,US', 'CN US', 'CN;US', '86'].map((codes): [string, unknown, string] => [
    'country_codes',
    codes,
    'country_codes must be ISO 3166-1 alpha-2 codes separated by commas',
  ]),
  ...['【', '】', '、', '測試', '测试', 'test', '[', ']'].map((word): [string, unknown, string] => [
    'template_content',
    `看${word}这里`,
    `template_content must not contain "${word}": found "${word}"`,
  ]),
  ['template_content', 'the laTEst news', 'template_content must not contain "test": found "TEst"'],
  ['template_content', '{latest}', 'template_content must not contain "test": found "test"'],
  ...['true', 1, 0, '', [], {}].map((add): [string, unknown, string] => [
    'add_signature',
    add,
    'add_signature must be true or false',
  ]),
];

/** The same, of what is said about a signature that is to be added. */
const WRONG_SIGNATURE: [fields: Record<string, unknown>, message: string][] = [
  ...[undefined, null, ''].map((sign_id): [Record<string, unknown>, string] => [
    { sign_id },
    'sign_id is required when add_signature is true',
  ]),
  ...['x', '1.0', ' 1', '-1', -1, 1.5, true, [], {}].map((sign_id): [Record<string, unknown>, string] => [
    { sign_id },
    'invalid signId',
  ]),
  ...[undefined, null].map((sign_position): [Record<string, unknown>, string] => [
    { sign_position },
    'sign_position is required when add_signature is true',
  ]),
  ...[0, 3, -1, 1.5, '1', true, [1], {}].map((sign_position): [Record<string, unknown>, string] => [
    { sign_position },
    'sign_position must be 1 (in front) or 2 (at the end)',
  ]),
  ...['0', '999999999', '9007199254740993', '1'.repeat(400), 0, 2 ** 60].map(
    (sign_id): [Record<string, unknown>, string] => [{ sign_id }, 'sign config not exist'],
  ),
];

describe('creating a template', () => {
  it('answers with its id and waits for review', async () => {
    const id = idIn(
      await account.post(TEMPLATES, {
        template_name: '訂單通知',
        template_type: 'utility',
        template_content: '您的訂單{order_no}已發貨',
        country_codes: 'cn, us,CN',
        ...signedBy(sign, 2),
      }),
      'template_id',
    );
    const template = await account.one(TEMPLATES, id);
    expect(template).toEqual({
      template_id: id,
      template_name: '訂單通知',
      template_type: 'utility',
      template_content: '您的訂單{order_no}已發貨',
      country_codes: 'CN,US',
      status: PENDING,
      sign_id: sign,
      sign_name: expect.stringMatching(/^签名 /),
      sign_position: 2,
      sign_status: APPROVED,
      audit_remark: '',
      created_time: expect.any(Number),
      updated_time: template.created_time,
    });
    expect(Number.isInteger(template.created_time)).toBe(true);
  });

  it.each([undefined, null, false])('without a signature: add_signature %j', async (add_signature) => {
    const more = { sign_id: '', sign_position: 0 };
    for (const fields of [{ add_signature }, { add_signature, ...more }, { add_signature, sign_id: sign }]) {
      const id = idIn(await account.post(TEMPLATES, templateOf(fields)), 'template_id');
      expect(await account.one(TEMPLATES, id)).toMatchObject({
        sign_id: '',
        sign_name: '',
        sign_position: 0,
        sign_status: 0,
      });
    }
  });

  it.each([
    ['utility', 'utility'],
    ['marketing', 'marketing'],
    ['authentication', 'authentication'],
    ['otp', 'authentication'],
  ])('of type %s shows as %s', async (template_type, shown) => {
    const id = await account.template({ template_type }, null);
    expect(await account.one(TEMPLATES, id)).toMatchObject({ template_type: shown });
  });

  it('takes the longest texts there may be, in code points, and ids as numbers', async () => {
    const longest = { template_name: '😀'.repeat(255), template_content: '😀'.repeat(2_000) };
    const id = await account.template({ ...longest, ...signedBy(Number(sign)) }, null);
    expect(await account.one(TEMPLATES, id)).toMatchObject({ ...longest, sign_id: sign, sign_position: 1 });
  });

  it.each(WRONG)('refuses %s %j', async (field, value, message) => {
    if (field === 'add_signature' && value === undefined) return;
    expect(said(await account.post(TEMPLATES, templateOf({ [field]: value })))).toBe(`400 ${message}`);
  });

  it.each(WRONG_SIGNATURE)('refuses to add a signature with %j', async (fields, message) => {
    expect(said(await account.post(TEMPLATES, templateOf({ ...signedBy(sign), ...fields })))).toBe(`400 ${message}`);
  });

  it('refuses another account’s signature, and one that is not approved', async () => {
    const foreign = await (await newAccount(house)).sign();
    expect(said(await account.post(TEMPLATES, templateOf(signedBy(foreign))))).toBe('400 sign config not exist');
    for (const verdict of [null, 'rejected'] as const) {
      const id = await account.sign(verdict);
      expect(said(await account.post(TEMPLATES, templateOf(signedBy(id))))).toBe(
        '400 sign status is not approved, can not use',
      );
    }
  });
});

describe('the word test', () => {
  it('may stand inside other words where the installation says so', async () => {
    const lenient = await startHouse({ simulator: false, env: { SIGNET_BAN_TEST_AS_WORD: 'on' } });
    try {
      const owner = await newAccount(lenient);
      await owner.template({ template_content: 'the latest contest' }, null);
      for (const word of ['test', 'TEST']) {
        expect(said(await owner.post(TEMPLATES, templateOf({ template_content: `a ${word}.` })))).toBe(
          `400 template_content must not contain "test": found "${word}"`,
        );
      }
      expect(said(await owner.post(TEMPLATES, templateOf({ template_content: '甲、乙' })))).toMatch(/^400 /);
    } finally {
      await lenient.stop();
    }
  });
});

describe('looking at templates', () => {
  it('is empty for a new account', async () => {
    expect((await (await newAccount(house)).get(TEMPLATES)).text).toBe('[]');
  });

  it('lists all the own ones, newest first, as they look alone', async () => {
    const owner = await newAccount(house);
    const own = await owner.sign();
    const ids: string[] = [];
    for (const fields of [{}, signedBy(own), signedBy(own, 2), {}]) ids.unshift(await owner.template(fields, null));
    await owner.delete(`${TEMPLATES}/${ids[3]}`);
    const list = await owner.list(TEMPLATES);
    expect(list.map(({ template_id }) => template_id)).toEqual(ids.slice(0, 3));
    expect(list.map(({ sign_position }) => sign_position)).toEqual([0, 2, 1]);
    for (const template of list) expect(await owner.one(TEMPLATES, template.template_id as string)).toEqual(template);
  });

  it('shows what reviewers said of it and of its signature', async () => {
    const own = await account.sign();
    const id = await account.template(signedBy(own), null);
    await reviewTemplate(house, id, 'rejected', 'too loud');
    expect(await account.one(TEMPLATES, id)).toMatchObject({ status: REJECTED, audit_remark: 'too loud' });
    await reviewTemplate(house, id, 'passed');
    await reviewSign(house, own, 'rejected');
    expect(await account.one(TEMPLATES, id)).toMatchObject({
      status: APPROVED,
      audit_remark: '',
      sign_status: REJECTED,
    });
  });
});

describe('one template', () => {
  const body = templateOf();

  it('is looked for by digits only', async () => {
    for (const id of ['x', '1x', '-1', '1.0', '%20', '+1', '１', `${'9'.repeat(300)}x`]) {
      expect([id, said(await account.get(`${TEMPLATES}/${id}`))]).toEqual([id, '400 invalid templateId']);
      expect(said(await account.put(`${TEMPLATES}/${id}`, body))).toBe('400 invalid templateId');
      expect(said(await account.delete(`${TEMPLATES}/${id}`))).toBe('400 invalid templateId');
    }
    expect(said(await account.get(`${TEMPLATES}/`))).toBe('400 invalid templateId');
    expect(said(await account.get(`${TEMPLATES}/%zz`))).toBe('400 invalid templateId');
  });

  it('that is unknown, deleted or another account’s is not there', async () => {
    const foreign = await (await newAccount(house)).template();
    const deleted = await account.template();
    await account.delete(`${TEMPLATES}/${deleted}`);
    for (const id of ['0', '999999999', '007', '9007199254740993', '1'.repeat(400), foreign, deleted]) {
      expect([id, said(await account.get(`${TEMPLATES}/${id}`))]).toEqual([id, NOT_THERE]);
      expect(said(await account.put(`${TEMPLATES}/${id}`, body))).toBe(NOT_THERE);
      expect(said(await account.delete(`${TEMPLATES}/${id}`))).toBe(NOT_THERE);
    }
  });
});

describe('changing a template', () => {
  it.each(['passed', 'rejected'] as const)('that is %s puts it under review again', async (verdict) => {
    const id = await account.template({}, null);
    await reviewTemplate(house, id, verdict, 'because');
    const change = {
      template_name: 'new',
      template_type: 'marketing',
      template_content: '新',
      country_codes: 'GB',
      sign_id: sign,
      sign_position: 2,
    };
    expect(said(await account.put(`${TEMPLATES}/${id}`, { ...change, add_signature: true }))).toBe(OK);
    expect(await account.one(TEMPLATES, id)).toMatchObject({ ...change, status: PENDING });
  });

  it('needs every field', async () => {
    const id = await account.template();
    const whole = templateOf();
    for (const field of Object.keys(whole)) {
      const { [field]: _, ...rest } = whole;
      expect(said(await account.put(`${TEMPLATES}/${id}`, rest))).toBe(`400 ${field} is required`);
      expect(said(await account.put(`${TEMPLATES}/${id}`, { ...whole, [field]: null }))).toBe(
        `400 ${field} is required`,
      );
    }
    expect(await account.one(TEMPLATES, id)).toMatchObject({ status: APPROVED });
  });

  it('has the rules of creating one', async () => {
    const id = await account.template(signedBy(sign));
    for (const [field, value, message] of WRONG) {
      expect(said(await account.put(`${TEMPLATES}/${id}`, templateOf({ [field]: value })))).toBe(`400 ${message}`);
    }
    for (const [fields, message] of WRONG_SIGNATURE) {
      const change = templateOf({ ...signedBy(sign), ...fields });
      expect(said(await account.put(`${TEMPLATES}/${id}`, change))).toBe(`400 ${message}`);
    }
    expect(await account.one(TEMPLATES, id)).toMatchObject({ status: APPROVED, sign_id: sign });
  });

  it('takes the signature away, moves it, or changes it for another', async () => {
    const id = await account.template(signedBy(sign));
    expect(said(await account.put(`${TEMPLATES}/${id}`, templateOf({ add_signature: false, sign_id: sign })))).toBe(OK);
    expect(await account.one(TEMPLATES, id)).toMatchObject({ sign_id: '', sign_name: '', sign_position: 0 });
    await reviewTemplate(house, id, 'passed');
    const other = await account.sign();
    expect(said(await account.put(`${TEMPLATES}/${id}`, templateOf(signedBy(other, 2))))).toBe(OK);
    expect(await account.one(TEMPLATES, id)).toMatchObject({ sign_id: other, sign_position: 2 });
    expect(await account.one(SIGNS, other)).toMatchObject({ related_template_count: 1 });
  });

  it('waits for its reviewer, before its signature is looked at', async () => {
    const pending = '400 can not update pending status template';
    const id = await account.template({}, null);
    const unapproved = await account.sign(null);
    for (const fields of [{}, signedBy('999999999'), signedBy(unapproved)]) {
      expect(said(await account.put(`${TEMPLATES}/${id}`, templateOf(fields)))).toBe(pending);
    }
  });

  it('needs an approved signature', async () => {
    const id = await account.template();
    const unapproved = await account.sign(null);
    expect(said(await account.put(`${TEMPLATES}/${id}`, templateOf(signedBy(unapproved))))).toBe(
      '400 sign status is not approved, can not use',
    );
    expect(await account.one(TEMPLATES, id)).toMatchObject({ status: APPROVED });
  });
});

describe('deleting a template', () => {
  it.each(['passed', 'rejected', null] as const)('that is %s takes it away', async (verdict) => {
    const id = await account.template({}, verdict);
    expect(said(await account.delete(`${TEMPLATES}/${id}`))).toBe(OK);
    expect(said(await account.get(`${TEMPLATES}/${id}`))).toBe(NOT_THERE);
  });
});
