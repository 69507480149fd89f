/** Figures of a reason, written for people; `share` and `busy` are percentages. Empty: not known. */
export interface LimitFigures {
  share: string;
  thread: string;
  busy: string;
  window: string;
  configured: string;
  took: string;
  usual: string;
  speed: string;
  times: string;
  seconds: string;
  why: string;
}

const filled = ({ window, share }: LimitFigures) => `The window of ${window} was full ${share} of the time`;
const nothing = ({ share }: LimitFigures) =>
  `Nothing waits for the channel${share === '' ? '' : ` ${share} of the time`}`;

/** What holds a channel back, by the reason the server gives. */
export const limits = {
  says: {
    linkDown: ({ why }: LimitFigures) => `The link is down${why === '' ? '' : `: ${why}`}.`,
    disabled: (_: LimitFigures) => 'The channel is disabled, or about to be started.',
    onlyReceives: (_: LimitFigures) => 'Nothing is sent over it.',
    nothingWaits: (given: LimitFigures) => `${nothing(given)}.`,
    nothingWaitsBusy: (given: LimitFigures) =>
      `${nothing(given)}; the ${given.thread} thread of this server was busy ${given.busy} of the time.`,
    notRead: ({ share }: LimitFigures) => `The carrier does not read what it is sent, ${share} of the time.`,
    noAnswers: (given: LimitFigures) => `${filled(given)}, and the carrier answered nothing for ${given.seconds} s.`,
    slowAnswers: (given: LimitFigures) =>
      `${filled(given)}, and answers take ${given.took} ms where ${given.usual} ms is usual.`,
    largestWindow: (given: LimitFigures) =>
      `${filled(given)}, and it is the largest there is; answers take ${given.took} ms.`,
    windowFull: (given: LimitFigures) => `${filled(given)}, and answers take ${given.took} ms, as usual.`,
    heldToRate: ({ speed, share }: LimitFigures) =>
      `The channel is held to its rate of ${speed} parts a second, ${share} of the time.`,
    askedForLess: ({ times, seconds, speed, window, configured }: LimitFigures) => {
      const asked = times === '0' ? 'lately' : `${times} × in ${seconds} s`;
      const given = [
        ...(speed === '' ? [] : [`${speed} parts a second`]),
        ...(window === '' ? [] : [`a window of ${window} instead of ${configured}`]),
      ];
      const so = given.length === 0 ? '' : `, and is given ${given.join(' and ')}`;
      return `The carrier asked for less speed ${asked}${so}.`;
    },
    ourCpu: ({ thread, busy, speed }: LimitFigures) =>
      `The ${thread} thread of this server was busy ${busy} of the time, at ${speed} parts a second.`,
  },
  /** What can be done about it; empty: nothing needs to be. */
  advice: {
    linkDown: 'See the channel log for what the carrier answered.',
    disabled: 'Start it to send over it.',
    onlyReceives: '',
    nothingWaits: '',
    nothingWaitsBusy: 'If requests to send are answered slowly, this server is what holds them back.',
    notRead: 'Ask the carrier; its side of the connection is full.',
    noAnswers: 'Ask the carrier.',
    slowAnswers:
      'Ask the carrier: it is at its limit or has trouble. A larger window would only make its answers slower.',
    largestWindow: 'Add binds, or ask the carrier for faster answers.',
    windowFull: 'Raise the window, or add binds, as far as the carrier allows.',
    heldToRate: 'If the contract allows more, raise the rate of the channel.',
    askedForLess: 'Ask the carrier for a higher rate, or set the rate it allows.',
    ourCpu: 'Give the server a faster processor or disk, or take other work from it.',
  },
};
