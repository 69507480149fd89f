import { expect, test } from 'vitest';
import { NODE_ROLES, parseNodeRoles, writeNodeRoles } from './node-role.ts';

test.each([
  ['all', ['api', 'worker', 'channel']],
  ['api', ['api']],
  ['channel, worker', ['worker', 'channel']],
  ['worker,worker', ['worker']],
])('%s names roles, and is written as it is read', (text, roles) => {
  expect(parseNodeRoles(text)).toEqual(roles);
  expect(parseNodeRoles(writeNodeRoles(parseNodeRoles(text)!))).toEqual(roles);
});

test.each(['', 'api,', 'none', 'all,api', 'API'])('"%s" names none', (text) => {
  expect(parseNodeRoles(text)).toBe(null);
});

test('all roles together are one word', () => {
  expect(writeNodeRoles(NODE_ROLES)).toBe('all');
});
