import { createHmac } from 'node:crypto';
import type { EngagelabSettings } from '../../domain/engagelab-settings.ts';
import { readEngagelab } from '../../domain/engagelab-words.ts';
import { type CallbackInbound, readInbound, readReports } from '../../domain/http-callback.ts';
import type { HttpSettings } from '../../domain/http-settings.ts';
import { inAddressList } from '../../lib/address-list.ts';
import { equalOctets, sha256 } from '../../lib/random.ts';
import type { Callback, CallbackReader, CallbackSays, ChannelInbound } from '../channel.ts';
import type { HttpExchanges } from './exchanges.ts';

type Refused = { refused: 'unsigned' | 'unreadable' | 'tooMany' };

/** How old a signed callback may be, or how far ahead of our clock: beyond it, somebody may be repeating an old one. */
const TOLERANCE_MS = 300_000;
/** Words of a carrier that the log names at most. */
const MAX_REMARKS = 5;

/** Callbacks of a carrier: who may make them, and what is logged of them. */
abstract class Callbacks<Settings extends { networks: readonly string[] }> implements CallbackReader {
  protected readonly settings: Settings;
  readonly #exchanges: HttpExchanges | null;

  /** @param exchanges null: nothing is logged */
  constructor(settings: Settings, exchanges: HttpExchanges | null) {
    this.settings = settings;
    this.#exchanges = exchanges;
  }

  abstract read(callback: Callback): CallbackSays | Refused;

  answered(says: CallbackSays, status: number, tookMs: number): void {
    this.#exchanges?.told(says, status, tookMs);
  }

  admits(address: string): boolean {
    const { networks } = this.settings;
    return networks.length === 0 || inAddressList(address, networks);
  }
}

/** Callbacks described by settings. */
export class GenericCallbacks extends Callbacks<HttpSettings> {
  read(callback: Callback): CallbackSays | Refused {
    const { reports, inbound, answer } = this.settings;
    if (!this.#isSigned(callback)) return { refused: 'unsigned' };
    const value = jsonOf(callback);
    if (value === undefined) return { refused: 'unreadable' };
    const { about } = callback;
    const read = about === 'reports' ? reports && readReports(reports, value) : inbound && readInbound(inbound, value);
    if (read === null)
      return { refused: (about === 'reports' ? reports : inbound) === null ? 'unreadable' : 'tooMany' };
    const remarks = [...new Set(read.unknownStates)]
      .slice(0, MAX_REMARKS)
      .map((word) => `no state is set for ${JSON.stringify(word)}`);
    if (read.unreadable > 0) remarks.push(`${read.unreadable} items lack what the settings say they have`);
    return { reports: read.reports, inbound: read.inbound.map((sms) => arrival(sms, callback.at)), remarks, answer };
  }

  #isSigned({ headers, body }: Callback): boolean {
    const { signature, secrets } = this.settings;
    if (signature === null) return true;
    const { header, secret, algorithm, encoding, prefix } = signature;
    const given = headers[header.toLowerCase()] ?? '';
    const wanted = prefix + createHmac(algorithm, secrets[secret]!).update(body).digest(encoding);
    return equalTexts(given, wanted);
  }
}

/** The webhook of a platform that speaks the EngageLab dialect. */
export class EngagelabCallbacks extends Callbacks<EngagelabSettings> {
  read(callback: Callback): CallbackSays | Refused {
    const value = jsonOf(callback);
    const answer = { status: 200, type: 'application/json', body: '{}' };
    // Asked when the webhook is set up, before anything is known of a secret.
    if (isEmptyObject(value)) return { reports: [], inbound: [], remarks: [], answer };
    if (!this.#isSigned(callback)) return { refused: 'unsigned' };
    const read = readEngagelab(value);
    if (read === null) return { refused: 'unreadable' };
    const inbound = read.inbound.map((sms) => arrival(sms, callback.at));
    return { reports: read.reports, inbound, remarks: [], answer };
  }

  /** Standard Webhooks where they are there, since they cover the body; the vendor's own signature otherwise. */
  #isSigned({ headers, body, at }: Callback): boolean {
    const { webhookSecret } = this.settings;
    if (webhookSecret === '') return true;
    const signatures = headers['webhook-signature'];
    if (signatures !== undefined) {
      const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '' } = headers;
      const wanted = createHmac('sha256', standardKey(webhookSecret)).update(`${id}.${timestamp}.`).update(body);
      const proof = `v1,${wanted.digest('base64')}`;
      return isFresh(timestamp, at) && signatures.split(' ').some((each) => equalTexts(each, proof));
    }
    const { timestamp = '', nonce = '', username = '', signature = '' } = fieldsOf(headers['x-callback-id'] ?? '');
    const wanted = createHmac('sha256', webhookSecret)
      .update(timestamp + nonce + username)
      .digest('hex');
    return isFresh(timestamp, at) && equalTexts(signature, wanted);
  }
}

/**
 * An SMS as it came. Where the carrier gives it no id, another of the same words from the same number within the hour is
 * taken for the same.
 */
function arrival({ id, from, to, text }: CallbackInbound, at: number): ChannelInbound {
  const digest = sha256(id === '' ? ['sms', from, to, text].join('\0') : `id\0${id}`);
  const fingerprint = digest.readUIntBE(0, 6) * 16 + (digest[6]! >> 4);
  return { from, to, text, part: null, fingerprint, at, linkSince: at };
}

const isFresh = (seconds: string, at: number): boolean => Math.abs(at - Number(seconds) * 1000) <= TOLERANCE_MS;

/** The key of a secret: the octets after `whsec_`, or those of the text. */
function standardKey(secret: string): Buffer {
  const match = /^whsec_(.*)$/.exec(secret);
  return match === null ? Buffer.from(secret) : Buffer.from(match[1]!, 'base64');
}

/** `a=1;b=2` as an object. */
const fieldsOf = (text: string): Record<string, string | undefined> =>
  Object.fromEntries(
    text.split(';').map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), pair.slice(at + 1)];
    }),
  );

/** What a callback says, as JSON: of its body where it has one, with its query beside it; undefined when it is neither JSON nor a form. */
function jsonOf({ body, query }: Callback): unknown {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8').trim();
  if (text === '') return { ...query };
  if (!/^[[{]/.test(text))
    return text.includes('=') ? { ...query, ...Object.fromEntries(new URLSearchParams(text)) } : undefined;
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? json : { ...query, ...(json as object) };
  } catch {
    return undefined;
  }
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

const equalTexts = (a: string, b: string): boolean => equalOctets(Buffer.from(a), Buffer.from(b));
