import { describe, expect, it } from 'vitest';
import { checksOfSignature, checksOfTemplate } from './pre-check.ts';

const template = {
  text: 'Your order {order} has left',
  category: 'notification' as const,
  description: 'tells that an order has left',
  placement: 'prefix' as const,
};
const bad = (...checks: { name: string; good: boolean; found: string }[]) =>
  checks.filter(({ good }) => !good).map(({ name, found }) => (found === '' ? name : `${name}: ${found}`));

describe('templates', () => {
  const badOf = (change: Partial<typeof template> | { category: 'marketing' | 'verification' }, signature?: null) =>
    bad(...checksOfTemplate({ ...template, ...change }, signature === null ? null : 'Acme'));

  it('nothing is found of an ordinary one', () => expect(badOf({})).toEqual([]));

  it.each([
    ['words carriers refuse, each once', { text: 'A test【】, a test' }, ['banned: test 【 】']],
    ['a link', { text: 'See https://example.com/a now' }, ['link: https://example.com/a']],
    ['a link without a scheme', { text: 'See example.cn/a' }, ['link: example.cn/a']],
    ['a phone number', { text: 'Call 400-800-1234' }, ['number: 400-800-1234']],
    ['no description', { description: '  ' }, ['description']],
    ['many segments, its signature counted', { text: '好'.repeat(198) }, ['length: 4']],
    ['marketing that does not say how to opt out', { category: 'marketing' as const }, ['optOut']],
    ['verification without a variable', { category: 'verification' as const, text: 'Welcome' }, ['variable']],
  ])('%s', (_, change, found) => expect(badOf(change)).toEqual(found));

  it('none of them where it is as it should be', () => {
    expect(badOf({ text: '好'.repeat(195) })).toEqual([]);
    expect(badOf({ text: '新品八折，拒收请回复R', category: 'marketing' } as never)).toEqual([]);
    expect(badOf({ text: 'Code {code}', category: 'verification' } as never)).toEqual([]);
  });

  it('one without a signature', () => expect(badOf({}, null)).toEqual(['signature']));
});

describe('signatures', () => {
  it('proof is looked for, and the text compared with what was approved', () => {
    expect(bad(...checksOfSignature({ text: 'Acme', pics: ['/a'] }, null))).toEqual([]);
    expect(bad(...checksOfSignature({ text: 'Acme', pics: ['/a'] }, 'Acme'))).toEqual([]);
    expect(bad(...checksOfSignature({ text: 'Acme', pics: [] }, 'Acne'))).toEqual(['evidence: 0', 'textChanged: Acne']);
  });
});
