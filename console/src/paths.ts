/**
 * The first parts of the console's addresses. For these, and no others, the server answers with the console's page, so
 * that every other unknown path keeps the answer of the API it belongs to.
 */
export const CONSOLE_PATHS = [
  'sign-in',
  'invite',
  'welcome',
  'overview',
  'signatures',
  'templates',
  'reviews',
  'send',
  'plans',
  'messages',
  'inbound',
  'lists',
  'channels',
  'routes',
  'ledger',
  'prices',
  'figures',
  'businesses',
  'members',
  'keys',
  'webhooks',
  'audit',
  'settings',
  'reference',
  'tasks',
  'workers',
  'queues',
  'account',
] as const;
