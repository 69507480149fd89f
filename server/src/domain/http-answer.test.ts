import { describe, expect, test } from 'vitest';
import { type AnswerWords, fits, judgeAnswer } from './http-answer.ts';

const WORDS: AnswerWords = {
  success: { statuses: ['2xx'], path: 'code', equals: [0, 'OK'] },
  messageId: 'data.0.id',
  errorText: 'msg',
  errors: [
    { statuses: ['200'], path: 'code', equals: [7], outcome: 'elsewhere', text: 'wrong network' },
    { statuses: ['4xx'], path: 'code', equals: [9], outcome: 'accepted', text: '' },
    { statuses: ['418', '500-502'], path: '', equals: [], outcome: 'trouble', text: '' },
  ],
};
const judge = (status: number, body: unknown) => judgeAnswer(WORDS, { status, body });

describe('an answer', () => {
  test.each([
    [200, { code: 0, data: [{ id: 12 }] }, { outcome: 'accepted', carrierId: '12', error: '' }],
    [202, { code: 'OK' }, { outcome: 'accepted', carrierId: '', error: '' }],
    [200, { code: 7, msg: 'no' }, { outcome: 'elsewhere', error: 'wrong network' }],
    [409, { code: 9, data: [{ id: 'old' }] }, { outcome: 'accepted', carrierId: 'old', error: '' }],
    [418, {}, { outcome: 'trouble', error: 'HTTP 418' }],
    [501, { msg: 'tea' }, { outcome: 'trouble', error: 'HTTP 501: tea' }],
    [200, { code: 1, msg: 'blocked\n' }, { outcome: 'never', error: 'HTTP 200: blocked ' }],
    [200, 'garbage', { outcome: 'unknown' }],
    [200, undefined, { outcome: 'unknown' }],
    [400, undefined, { outcome: 'never', error: 'HTTP 400' }],
    [401, {}, { outcome: 'trouble' }],
    [404, {}, { outcome: 'trouble' }],
    [408, {}, { outcome: 'later' }],
    [429, {}, { outcome: 'throttled' }],
    [503, {}, { outcome: 'throttled' }],
    [504, {}, { outcome: 'unknown' }],
    [507, {}, { outcome: 'later' }],
    [307, {}, { outcome: 'trouble', error: 'HTTP 307: redirects are not followed' }],
  ])('%i %j', (status, body, wanted) => {
    expect(judge(status, body)).toMatchObject(wanted);
  });

  test('502 and 504 are a gateway that cannot say how far the request got', () => {
    expect(judgeAnswer({ ...WORDS, errors: [] }, { status: 502, body: {} }).outcome).toBe('unknown');
  });

  test('without a path, the status alone says yes, whatever the body is', () => {
    const words = { ...WORDS, success: { statuses: ['202'], path: '', equals: [] } };
    for (const body of ['0: Accepted for delivery', {}, undefined]) {
      expect(judgeAnswer(words, { status: 202, body }).outcome).toBe('accepted');
    }
    expect(judgeAnswer(words, { status: 200, body: {} }).outcome).toBe('never');
  });

  test('a text may be compared as a whole, and what a prototype has is not there', () => {
    const words = { ...WORDS, errors: [], success: { statuses: [], path: '', equals: ['OK'] } };
    expect(judgeAnswer(words, { status: 200, body: 'OK' }).outcome).toBe('accepted');
    expect(fits({ statuses: [], path: 'constructor.name', equals: ['Object'] }, { status: 200, body: {} })).toBe(false);
  });

  test('an id of other signs than ASCII is kept as ASCII, and an endless one cut', () => {
    expect(judge(200, { code: 0, data: [{ id: '签' }] }).carrierId).toBe('%E7%AD%BE');
    expect(judge(200, { code: 0, data: [{ id: 'x'.repeat(1_000) }] }).carrierId).toHaveLength(128);
  });
});
