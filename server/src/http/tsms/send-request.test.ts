import { describe, expect, it } from 'vitest';
import { Refused } from '../../domain/refusals.ts';
import { WireError } from './errors.ts';
import { readSendRequest } from './send-request.ts';

const NUMBER = 8613800138000;
const ids = { sign_id: 1, temp_id: 2 };
const read = (request: Record<string, unknown>, max = 10) => readSendRequest({ ...ids, ...request }, 'CN', max);

function saidTo(request: Record<string, unknown>, max = 10): string {
  try {
    read(request, max);
    return 'fine';
  } catch (error) {
    if (error instanceof WireError) return error.code;
    if (error instanceof Refused) return error.refusal.code;
    throw error;
  }
}

describe('ids', () => {
  it('are JSON integers or strings of digits', () => {
    const request = { sign_id: '7', temp_id: '12', mobiles: ['13800138000'] };
    expect(read(request)).toMatchObject({ signatureId: 7, templateId: 12 });
  });

  it.each([undefined, null, '', ' 1', '1 ', '01', '+1', '1.0', 'x', true, 1.5, [], {}, [1], 2 ** 53, 1e30, Infinity])(
    'are not %j',
    (id) => {
      expect(saidTo({ sign_id: id, mobiles: ['13800138000'] })).toBe('ER:0004');
      expect(saidTo({ temp_id: id, mobiles: ['13800138000'] })).toBe('ER:0004');
    },
  );

  it('that nothing can have are left for the search to miss', () => {
    expect(saidTo({ sign_id: 0, temp_id: -1, mobiles: ['13800138000'] })).toBe('fine');
  });
});

describe('mobiles', () => {
  it('are bare or E.164 strings, or integers', () => {
    const mobiles = ['13800138001', '+8613800138002', 13800138003, '+447400123456'];
    expect(read({ mobiles }).recipients).toEqual([8613800138001, 8613800138002, 8613800138003, 447400123456]);
  });

  it('given twice, however written, are sent once', () => {
    const mobiles = ['13800138000', '+8613800138000', 13800138000, '13800138001', '13800138000'];
    expect(read({ mobiles }).recipients).toEqual([NUMBER, NUMBER + 1]);
  });

  it.each([undefined, null, [], '13800138000', 13800138000, {}, true])('are no %j', (mobiles) => {
    expect(saidTo({ mobiles })).toBe('ER:0004');
  });

  it.each([null, true, 1.5, [], {}, ['13800138000'], Infinity])('hold no %j', (mobile) => {
    expect(saidTo({ mobiles: ['13800138000', mobile] })).toBe('ER:0004');
    // Shape goes before numbers.
    expect(saidTo({ mobiles: ['', mobile] })).toBe('ER:0004');
  });

  it.each(['', '1', '+', 'abc', '1380013800', '138001380000', ' 13800138000', '138-0013-8000', '+1', 0, -1, 1e30])(
    'refuse the number %j',
    (mobile) => {
      expect(saidTo({ mobiles: ['13800138000', mobile] })).toBe('invalidRecipient');
    },
  );

  it('are at most so many, repeated ones counted', () => {
    expect(saidTo({ mobiles: ['13800138000', '13800138001'] }, 2)).toBe('fine');
    expect(saidTo({ mobiles: ['13800138000', '13800138000', '13800138000'] }, 2)).toBe('tooManyRecipients');
  });
});

describe('params', () => {
  const mobiles = ['13800138000'];

  it('are one set for all', () => {
    const params = { code: '123', n: 1.5, yes: true, none: null, 中: '' };
    expect(read({ mobiles, params }).parameters).toEqual({ shared: params });
    expect(read({ mobiles }).parameters).toEqual({ shared: null });
    expect(read({ mobiles, params: null }).parameters).toEqual({ shared: null });
  });

  it.each([[[]], ['x'], [1], [true]])('are no %j', (params) => {
    expect(saidTo({ mobiles, params })).toBe('ER:0004');
  });

  it.each([[[]], [{}], [Infinity], [2 ** 53]])('hold no %j', (value) => {
    expect(saidTo({ mobiles, params: { a: 'x', value } })).toBe('ER:0004');
  });
});

describe('recipients', () => {
  it('bring values of their own', () => {
    const recipients = [
      { mobile: '13800138000', params: { code: '1' } },
      { mobile: 13800138001, params: null },
      { mobile: '+8613800138002' },
    ];
    const request = read({ recipients });
    expect(request.recipients).toEqual([NUMBER, NUMBER + 1, NUMBER + 2]);
    expect(request.parameters).toEqual({ each: [{ code: '1' }, null, null] });
  });

  it('fall back on the shared values', () => {
    const recipients = [{ mobile: '13800138000', params: { code: '1', name: null } }, { mobile: '13800138001' }];
    const { parameters } = read({ recipients, params: { code: '0', name: 'all' } });
    expect(parameters).toEqual({
      each: [
        { code: '1', name: 'all' },
        { code: '0', name: 'all' },
      ],
    });
  });

  it('given twice keep the first values', () => {
    const recipients = [
      { mobile: '13800138000', params: { code: '1' } },
      { mobile: '+8613800138000', params: { code: '2' } },
      { mobile: '13800138001', params: { code: '3' } },
    ];
    const request = read({ recipients });
    expect(request.recipients).toEqual([NUMBER, NUMBER + 1]);
    expect(request.parameters).toEqual({ each: [{ code: '1' }, { code: '3' }] });
  });

  it('and mobiles together contradict each other', () => {
    const recipients = [{ mobile: '13800138000' }];
    expect(saidTo({ recipients, mobiles: ['13800138000'] })).toBe('ER:0004');
    expect(saidTo({ recipients, mobiles: null })).toBe('fine');
    expect(saidTo({ recipients: null, mobiles: ['13800138000'] })).toBe('fine');
  });

  it.each([
    [[]],
    ['x'],
    [{}],
    [[null]],
    [['13800138000']],
    [[{}]],
    [[{ mobile: null }]],
    [[{ mobile: ['13800138000'] }]],
    [[{ mobile: '13800138000', params: [] }]],
    [[{ mobile: '13800138000', params: 'x' }]],
    [[{ mobile: '13800138000', params: { a: {} } }]],
  ])('are no %j', (recipients) => {
    expect(saidTo({ recipients })).toBe('ER:0004');
  });
});
