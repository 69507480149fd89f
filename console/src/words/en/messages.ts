const after = (ms: number) => {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
};

export const messages = {
  title: 'Messages',
  lead: 'Every text to every recipient, the newest first. Press a row to see what happened to it.',
  one: 'Message',
  toAll: 'To all messages',
  find: 'Number or message id',
  anyState: 'Any state',
  plan: 'Plan id',
  business: 'Business id',
  noneTitle: 'No message yet',
  noneText: 'Messages stand here as soon as something is sent, from this console or through the API.',
  noneFoundTitle: 'No message fits',
  noneFoundText: 'Clear a filter, or search by the whole number with its country code.',
  accepted: 'Accepted',
  segments: 'Segments',
  credits: 'Credits',
  planColumn: 'Plan',
  channel: 'Channel',
  error: 'Reason',
  simulated: 'simulated',
  simulatedNote: 'It only went to the built-in simulator, never to a phone. Add a channel to send for real.',
  id: 'Message id',
  reserved: 'Credits reserved',
  settled: 'Credits spent',
  released: 'Credits given back',
  attempts: 'Attempts',
  repeats: 'Sent again',
  carrierIds: 'Ids at the carrier',
  carrierId: 'Id at the carrier',
  timeline: 'What happened',
  repeat: 'sent again after an unknown outcome',
  attempt: (count: number) => `attempt ${count}`,
  overChannel: (id: number) => `channel ${id}`,
  after: (ms: number) => `after ${after(ms)}`,
  reports: 'Delivery reports, as the carrier wrote them',
  raw: 'As it came',
  ledger: 'Ledger entries of its plan',
};
