import type { CallbackAddress } from './callback-address.ts';
import { isChannelUrl, URL_RULE } from './http-check.ts';
import { must } from './refusals.ts';

/** How another platform is reached that speaks the EngageLab dialect: another Signet, or the vendor. */
export interface EngagelabSettings extends CallbackAddress {
  /** Where `/v1/messages` is, without it. */
  url: string;
  apiKey: string;
  apiSecret: string;
  /**
   * The other side's id of a template that is one variable alone: every text is sent through it whole. Empty: only
   * templates of `templates` are sent.
   */
  template: string;
  /** The name of that variable. */
  variable: string;
  /** Our ids of templates → the other side's: those are sent by their values, with the other side's signature. */
  templates: Record<string, string>;
  /**
   * Whether the other side keeps `Idempotency-Key`, as a Signet does: then a request whose answer was lost is made again,
   * and nothing is sent twice.
   */
  idempotent: boolean;
  /** Requests under way at a time. */
  window: number;
  /** Requests a second at most; null: no limit of ours. */
  rate: number | null;
  responseTimeoutMs: number;
  /** Whether the other side's webhook tells us what becomes of messages. */
  receipts: boolean;
  /** What that webhook signs with; empty: the secret address is all the proof there is. */
  webhookSecret: string;
  /** Addresses and networks it may come from; empty: any. */
  networks: string[];
  /** What our keys for `Idempotency-Key` begin with, since others may send through the same account; made by the server. */
  keyPrefix: string;
}

export const DEFAULT_ENGAGELAB_SETTINGS = {
  template: '',
  variable: 'content',
  templates: {},
  idempotent: true,
  window: 20,
  rate: null,
  responseTimeoutMs: 10_000,
  receipts: true,
  webhookSecret: '',
  networks: [],
  earlierCallback: null,
} as const satisfies Partial<EngagelabSettings>;

/** @throws Refused (invalidField) for settings that cannot work */
export function checkEngagelab({ url, template, templates }: EngagelabSettings): void {
  const usable = isChannelUrl(url) && new URL(url).search === '';
  must(usable, { code: 'invalidField', field: 'engagelab.url', rule: `${URL_RULE} or a query` });
  for (const ours of Object.keys(templates)) {
    const rule = 'ids of our templates, digits';
    must(/^[1-9]\d{0,15}$/.test(ours), { code: 'invalidField', field: `engagelab.templates.${ours}`, rule });
  }
  must(template !== '' || Object.keys(templates).length > 0, {
    code: 'invalidField',
    field: 'engagelab.template',
    rule: 'give template, templates or both: without them nothing can be sent',
  });
}
