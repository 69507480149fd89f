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
    go: 'Write a template',
  },
  review: {
    title: 'Wait for the review',
    text: 'A reviewer of the platform looks at both and approves them, or says what has to change.',
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
};
