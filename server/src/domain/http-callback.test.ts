import { expect, test } from 'vitest';
import { MAX_CALLBACK_ITEMS, readInbound, readReports } from './http-callback.ts';
import type { ReportSettings } from './http-settings.ts';

const SETTINGS: ReportSettings = {
  items: 'data.list',
  id: 'msg.id',
  status: 'stat',
  states: { D: 'delivered', U: 'undelivered', '0': 'ignored' },
  recipient: 'phone',
  country: 'CN',
  error: 'err',
};
const read = (list: unknown, change: Partial<ReportSettings> = {}) =>
  readReports({ ...SETTINGS, ...change }, { data: { list } });

test('reports are read from where they are, one or many', () => {
  const one = { msg: { id: 5 }, stat: 'D', phone: '13800138000', err: '000' };
  const report = { carrierId: '5', recipient: 8_613_800_138_000, state: 'delivered', error: '' };
  expect(read(one)).toMatchObject({ reports: [report], unreadable: 0, unknownStates: [] });
  expect(read([one, { ...one, stat: 'U', err: ' 27' }])!.reports).toEqual([
    report,
    { ...report, state: 'undelivered', error: ' 27' },
  ]);
  expect(readReports({ ...SETTINGS, items: '' }, [one])!.reports).toEqual([report]);
});

test('a recipient may be written in many ways, or be left out', () => {
  const of = (phone: unknown) => read({ msg: { id: 5 }, stat: 'D', phone })!.reports[0]!.recipient;
  for (const phone of ['+8613800138000', '8613800138000', '13800138000', '+86 138-0013-8000', 8_613_800_138_000]) {
    expect(of(phone)).toBe(8_613_800_138_000);
  }
  // Then the id alone says whose it is.
  for (const phone of [undefined, null, 'unknown', '123']) expect(of(phone)).toBe(null);
});

test('what cannot be read, or means nothing, changes nothing and is told', () => {
  const says = read([
    {},
    null,
    'x',
    { stat: 'D' },
    { msg: { id: 1 }, stat: '0' },
    { msg: { id: 1 }, stat: 'toString' },
  ])!;
  expect(says).toMatchObject({ reports: [], unreadable: 4, unknownStates: ['toString'] });
  expect(read(undefined)).toMatchObject({ reports: [], unreadable: 0 });
  expect(read(new Array(MAX_CALLBACK_ITEMS + 1).fill({}))).toBe(null);
});

test('an SMS from a handset needs a sender and a text, which may be empty', () => {
  const settings = { items: '', id: 'id', from: 'from', to: 'to', text: 'text', country: '' };
  const read = (value: unknown) => readInbound(settings, value)!;
  expect(read({ id: 3, from: '8613800138000', to: '1069', text: '' }).inbound).toEqual([
    { id: '3', from: '+8613800138000', to: '1069', text: '' },
  ]);
  expect(read({ from: '10086', text: 'hi' }).inbound).toEqual([{ id: '', from: '10086', to: '', text: 'hi' }]);
  expect(read([{ from: '10086' }, { text: 'hi' }])).toMatchObject({ inbound: [], unreadable: 2 });
});
