export const reference = {
  title: 'API reference',
  lead: 'Every route of the native API as this server describes it. What you try here is done as you, and for real.',
  find: 'Find a route',
  all: 'All',
  document: 'OpenAPI document',
  body: 'Body',
  answer: 'Answer',
  tryIt: 'Try it',
  forReal: 'This changes something, for real.',
  send: 'Send',
};
