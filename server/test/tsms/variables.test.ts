import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, Handsets, newAccount, numbers, said } from './dialect.ts';

let house: House;
let account: Account;
let ready: { sign_id: number; temp_id: number };
const handsets = new Handsets();
beforeAll(async () => {
  house = await startHouse({ simulator: handsets.simulator });
  account = await newAccount(house, 1_000_000);
  ready = await account.ready();
});
afterAll(() => house.stop());

describe('variables', () => {
  let from = 200;
  /** Sends one text with these values; returns what reached the handset, or the error. */
  async function sent(template: string, params: unknown): Promise<string> {
    const [number] = numbers(1, from++) as [string];
    const temp_id = await account.template(ready.sign_id, template);
    const answer = await account.send({ sign_id: ready.sign_id, temp_id, mobiles: [number], params });
    if (answer.status !== 200) return said(answer);
    await account.finished(answer.json.uuid);
    return handsets.textsTo(number)[0]!.replace('【签名】', '');
  }

  it.each([
    ['码{code}。', { code: '123456' }, '码123456。'],
    ['码{{code}}。', { code: '123456' }, '码123456。'],
    ['码{ code }、{{  code  }}。', { code: '1' }, '码1、1。'],
    ['{姓名}您好{x_1}', { 姓名: '李雷', x_1: '！' }, '李雷您好！'],
    [`值{${'a'.repeat(32)}}`, { ['a'.repeat(32)]: 'x' }, '值x'],
    ['数{n}{m}{b}', { n: 12, m: 1.5, b: true }, '数121.5true'],
    ['数{n}', { n: -0.25 }, '数-0.25'],
    ['空{e}。', { e: '' }, '空。'],
    ['再{a}', { a: '{b}', b: 'x' }, '再{b}'],
  ])('%j with %j is %j', async (template, params, text) => {
    expect(await sent(template, params)).toBe(text);
  });

  it.each([['无变量{}'], ['空格{a b}'], ['连字符{a-b}'], [`太长{${'a'.repeat(33)}}`], ['开{a'], ['合a}'], ['点{a.b}']])(
    '%j holds none',
    async (template) => {
      expect(await sent(template, null)).toBe(template);
    },
  );

  it.each([
    ['码{code}', undefined],
    ['码{code}', null],
    ['码{code}', {}],
    ['码{code}', { code: null }],
    ['码{code}', { Code: '1' }],
    ['码{code}{x}', { code: '1' }],
    ['码{toString}', {}],
    ['码{code}', { code: [] }],
    ['码{code}', { code: {} }],
  ])('%j with %j is refused, never sent literally', async (template, params) => {
    expect(await sent(template, params)).toBe('ER:0004');
  });

  it('refuses a text that would need more than 255 segments', async () => {
    const temp_id = await account.template(ready.sign_id, '文{a}');
    const body = { sign_id: ready.sign_id, temp_id, mobiles: ['13800138000'], params: { a: '长'.repeat(67 * 255) } };
    expect(said(await account.send(body))).toBe('ER:0004');
  });

  it('may have a value of its own for each recipient', async () => {
    const temp_id = await account.template(ready.sign_id, '{name}的码{code}');
    const [first, second, third] = numbers(3, 300) as [string, string, string];
    const recipients = [
      { mobile: first, params: { name: '甲', code: '1' } },
      { mobile: Number(second), params: { name: '乙' } },
      { mobile: `+86${third}` },
      { mobile: first, params: { name: '丁', code: '4' } },
    ];
    const body = { sign_id: ready.sign_id, temp_id, recipients };
    expect(said(await account.send(body))).toBe('ER:0004');
    const answer = await account.send({ ...body, params: { name: '众', code: '0' } });
    await account.finished(answer.json.uuid);
    expect(handsets.textsTo(first)).toEqual(['【签名】甲的码1']);
    expect(handsets.textsTo(second)).toEqual(['【签名】乙的码0']);
    expect(handsets.textsTo(third)).toEqual(['【签名】众的码0']);
  });

  it('priced one by one', async () => {
    const owner = await newAccount(house, 10);
    const sign_id = await owner.signature();
    const temp_id = await owner.template(sign_id, '{a}');
    const [first, second] = numbers(2, 310) as [string, string];
    const recipients = [
      { mobile: first, params: { a: '短' } },
      { mobile: second, params: { a: '长'.repeat(67) } },
    ];
    const answer = await owner.send({ sign_id, temp_id, recipients });
    expect(await owner.available()).toBe(7);
    expect((await owner.finished(answer.json.uuid)).items).toMatchObject([{ segments: 1 }, { segments: 2 }]);
  });
});
