import type { Callback, CallbackReader, ChannelListener } from '../channels/channel.ts';
import type { CallbackAddress } from '../domain/callback-address.ts';
import type { Channel } from '../domain/channel.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { sha256 } from '../lib/random.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';

/** Reports and SMS taken from callbacks and not yet safe, before others are asked to wait. */
const MAX_OPEN = 20_000;

/** How a callback is answered. */
export interface CallbackAnswer {
  status: number;
  type: string;
  body: string;
  retryAfterS?: number;
}

interface Listening {
  channelId: number;
  reader: CallbackReader;
  /** Of an address that has been renewed: how long it works; null: for good. */
  until: number | null;
  /** Whether the log has said that the carrier still uses it. */
  told: boolean;
}

/**
 * Takes what carriers tell over HTTP to where it belongs. A channel that is disabled is still listened to: reports on what
 * it sent may come for days.
 */
export class ChannelCallbacks implements Service {
  readonly #desk: Desk;
  readonly #listener: Pick<ChannelListener, 'reported' | 'received'>;
  readonly #readerOf: (channel: Channel) => { address: CallbackAddress; reader: CallbackReader } | null;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** By the hash of the token, so that how long a search takes tells nothing of one. */
  #channels = new Map<string, Listening>();
  #work: Promise<void> = Promise.resolve();
  #open = 0;

  constructor(deps: {
    desk: Desk;
    listener: Pick<ChannelListener, 'reported' | 'received'>;
    /** Who understands a channel's callbacks, and where they come to; null for one that has none. */
    readerOf: (channel: Channel) => { address: CallbackAddress; reader: CallbackReader } | null;
    clock: Clock;
    log: Logger;
  }) {
    this.#desk = deps.desk;
    this.#listener = deps.listener;
    this.#readerOf = deps.readerOf;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#desk.onNotice(({ kind }) => {
      if (kind === 'channelsChanged' || kind === 'missed') this.#refreshSoon();
    });
  }

  async start(): Promise<void> {
    this.#refreshSoon();
    await this.#work;
  }

  async stop(): Promise<void> {
    await this.#work;
  }

  /** Whether a request with this token may be read: 200, or the status it is answered with. */
  async admit(token: string, address: string): Promise<200 | 403 | 404> {
    const listening = await this.#find(token);
    if (listening === null) return 404;
    if (listening.until !== null && !listening.told) {
      listening.told = true;
      const until = isoTime(listening.until);
      this.#log.warn({ channel: listening.channelId, until }, 'a callback came to the address before the present one');
    }
    if (listening.reader.admits(address)) return 200;
    this.#log.warn({ channel: listening.channelId, address }, 'a callback came from an address that is not listed');
    return 403;
  }

  /** Takes a callback; resolves when what it says is safe, or with why it was not taken. */
  async take(token: string, callback: Omit<Callback, 'at'>): Promise<CallbackAnswer> {
    const listening = await this.#find(token);
    if (listening === null) return plain(404, 'not found');
    const { channelId, reader } = listening;
    if (this.#open >= MAX_OPEN) return { ...plain(503, 'try again later'), retryAfterS: 1 };
    const says = reader.read({ ...callback, at: this.#clock.now() });
    if ('refused' in says) {
      this.#log.warn({ channel: channelId, why: says.refused }, 'a callback was refused');
      return REFUSED[says.refused];
    }
    const { reports, inbound, remarks, answer } = says;
    if (remarks.length > 0) this.#log.warn({ channel: channelId, remarks }, 'a callback was not understood wholly');
    const count = reports.length + inbound.length;
    if (count === 0) return answer;
    const begun = this.#clock.monotonic();
    this.#open += count;
    const safe = await Promise.allSettled([
      reports.length > 0 && this.#listener.reported(channelId, reports),
      inbound.length > 0 && this.#listener.received(channelId, inbound),
    ]);
    this.#open -= count;
    // What is not safe the carrier keeps and tells again.
    const isSafe = safe.every(({ status }) => status === 'fulfilled');
    const given = isSafe ? answer : { ...plain(503, 'try again later'), retryAfterS: 5 };
    reader.answered(says, given.status, this.#clock.monotonic() - begun);
    return given;
  }

  async #find(token: string): Promise<Listening | null> {
    const hash = sha256(token).toString('base64');
    // The channel may just have been added.
    if (!this.#channels.has(hash)) await this.#work;
    const known = this.#channels.get(hash);
    if (known === undefined || (known.until !== null && known.until <= this.#clock.now())) return null;
    return known;
  }

  #refreshSoon(): void {
    this.#work = this.#work
      .then(() => this.#refresh())
      .catch((error: unknown) => logFailure(this.#log, error, 'the channels to listen to could not be read'));
  }

  async #refresh(): Promise<void> {
    const { channels } = await this.#desk.ask('listChannels', {});
    const found = new Map<string, Listening>();
    for (const channel of channels) {
      const listening = this.#readerOf(channel);
      if (listening === null) continue;
      const { address, reader } = listening;
      const { callbackToken, earlierCallback } = address;
      const listen = (token: string, until: number | null) =>
        found.set(sha256(token).toString('base64'), { channelId: channel.id, reader, until, told: false });
      listen(callbackToken, null);
      if (earlierCallback !== null) listen(earlierCallback.token, earlierCallback.until);
    }
    this.#channels = found;
  }
}

const plain = (status: number, body: string): CallbackAnswer => ({ status, type: 'text/plain', body });

const REFUSED = {
  unsigned: plain(401, 'the signature is missing, wrong or too old'),
  unreadable: plain(400, 'neither JSON nor a form, or not what was agreed upon'),
  tooMany: plain(413, 'it speaks of too many messages'),
} as const;
