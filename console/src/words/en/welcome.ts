export const welcome = {
  lead: 'Five steps to your first message. The page follows along by itself.',
  states: { done: 'done', waiting: 'in review', now: 'next', later: '' },
  look: 'Look at it',
  rejected: 'It was rejected. Open it to see why, change it and submit it again.',
  signature: {
    title: 'Make a signature',
    text: 'Readers want to know who writes. A signature is the name of your company or brand, with proof that it is yours.',
    go: 'Make a signature',
  },
  template: {
    title: 'Write a template',
    text: 'The text itself, with variables for what differs from reader to reader, such as {code}.',
    afterSignature: 'It can be written as soon as the signature is approved.',
    go: 'Write a template',
  },
  review: {
    title: 'Wait for the review',
    text: 'A reviewer of the platform looks at the signature first, then at the template, and approves them or says what has to change.',
  },
  credits: {
    title: 'Top up',
    text: (id: string) =>
      `Messages are paid from a balance. Ask the platform’s finance to top up your business (number ${id}).`,
    have: (credits: string) => `You have ${credits} credits.`,
  },
  message: {
    title: 'Send your first message',
    text: 'To your own phone first, perhaps: choose the template, enter the number, look at it once more, send.',
    go: 'Send',
    done: 'It is on its way, or has arrived.',
  },
  staff: {
    lead: 'What this installation needs for its first message. The page follows along by itself.',
    business: {
      title: 'Add a business',
      text: 'Whoever sends is a business, with credits, a login and people of its own. Give it some credits right away.',
      go: 'Add a business',
    },
    enter: {
      title: 'Let it begin',
      text: 'It signs in here with the login that was shown, or with people you invite under Members; First steps leads it on. To try it yourself, use a private window and stay signed in here.',
    },
    review: {
      title: 'Decide on what it will send',
      text: 'Its signature and then its template come to your review queue. Nothing is sent that nobody has approved.',
      waiting: (count: number) => `${count} waiting: nothing is sent before it is approved.`,
      go: 'To the review queue',
    },
    carrier: {
      title: 'Connect a carrier',
      text: 'Until there is a channel, a built-in simulator takes every message: everything works, and nothing reaches a phone.',
      have: 'A channel is there.',
      go: 'Add a channel',
    },
  },
};
