import { expect, test } from 'vitest';
import { inAddressList, isAddressOrNetwork, parseAddressList } from './address-list.ts';

test.each([
  '192.0.2.1',
  '192.0.2.0/24',
  '0.0.0.0/0',
  '::',
  '::1',
  '2001:db8::/32',
  '::ffff:192.0.2.1',
  '::ffff:192.0.2.0/120',
])('%s is a network', (text) => {
  expect(isAddressOrNetwork(text)).toBe(true);
});

test.each([
  '',
  'example.com',
  '192.0.2',
  '192.0.2.256',
  '192.0.2.0/33',
  '192.0.2.0/024',
  '192.0.2.0/-1',
  '192.0.2.0/',
  '2001:db8::/129',
  '2001:db8:::',
  '[::1]',
  'fe80::1%eth0',
  '192.0.2.1:80',
  ' 192.0.2.1',
  '192.0.2.1/24/24',
])('%j is none', (text) => {
  expect(isAddressOrNetwork(text)).toBe(false);
});

test.each([
  ['192.0.2.9', ['192.0.2.0/28'], true],
  ['192.0.2.16', ['192.0.2.0/28'], false],
  ['::ffff:192.0.2.9', ['192.0.2.0/28'], true],
  ['::ffff:c000:209', ['192.0.2.9'], true],
  ['192.0.2.9', ['::ffff:192.0.2.9'], true],
  ['192.0.2.9', ['::ffff:192.0.2.0/120'], true],
  ['2001:db8:ffff::1', ['2001:db8::/32'], true],
  ['2001:DB8:FFFF:0:0:0:0:1', ['2001:db8:ffff::1'], true],
  ['2001:db9::1', ['2001:db8::/32', '192.0.2.1'], false],
  ['fe80::1%eth0', ['fe80::/10'], true],
  ['unknown', ['0.0.0.0/0', '::/0'], false],
  ['', ['0.0.0.0/0'], false],
  ['192.0.2.1', [], false],
])('%s in %j: %s', (address, networks, expected) => {
  expect(inAddressList(address, networks)).toBe(expected);
});

test('a list is separated by commas', () => {
  expect(parseAddressList('127.0.0.1, 10.0.0.0/8,::1')).toEqual(['127.0.0.1', '10.0.0.0/8', '::1']);
  for (const text of ['', '127.0.0.1 ::1', '127.0.0.1,', 'proxy.example']) expect(parseAddressList(text)).toBe(null);
});
