import type { IdFormat } from './carrier-id.ts';
import { checkEngagelab, DEFAULT_ENGAGELAB_SETTINGS, type EngagelabSettings } from './engagelab-settings.ts';
import { checkHttp } from './http-check.ts';
import { DEFAULT_HTTP_SETTINGS, type HttpSettings } from './http-settings.ts';
import { checkSmppSettings, completeSmppSettings, type SmppSettings } from './smpp-settings.ts';

/** The kinds of channel there are, and what one of each is set to. */
export interface SettingsOf {
  smpp: SmppSettings;
  http: HttpSettings;
  engagelab: EngagelabSettings;
}
export type ChannelKind = keyof SettingsOf;

export const CHANNEL_KINDS = ['smpp', 'http', 'engagelab'] as const satisfies readonly ChannelKind[];

/** A kind, and the settings of that kind under its name. */
export type KindAndSettings = { [K in ChannelKind]: { kind: K } & Pick<SettingsOf, K> }[ChannelKind];

/** A carrier contract that has no id yet. */
export type NewChannel = KindAndSettings & {
  name: string;
  enabled: boolean;
  createdAt: number;
  updatedAt: number;
};

/** One carrier contract: where to send, how fast, as whom. */
export type Channel = NewChannel & { id: number };

/** The settings of a channel, whatever its kind. */
export const settingsOf = (channel: KindAndSettings): SettingsOf[ChannelKind] =>
  (channel as Partial<SettingsOf>)[channel.kind]!;

/** Puts settings under the name of their kind. */
export const ofKind = <K extends ChannelKind>(kind: K, settings: SettingsOf[K]): KindAndSettings =>
  ({ kind, [kind]: settings }) as unknown as KindAndSettings;

/** Settings as they were kept, by whatever version, with everything that has been added to their kind since. */
export const settingsOfKept = (kind: ChannelKind, kept: unknown): KindAndSettings => {
  switch (kind) {
    case 'smpp':
      return ofKind(kind, completeSmppSettings(kept as Partial<SmppSettings>));
    case 'http':
      return ofKind(kind, { ...DEFAULT_HTTP_SETTINGS, ...(kept as HttpSettings) });
    case 'engagelab':
      return ofKind(kind, { ...DEFAULT_ENGAGELAB_SETTINGS, ...(kept as EngagelabSettings) });
  }
};

/** @throws Refused (invalidField) for settings that do not go together */
export const checkChannel = (channel: KindAndSettings): void => {
  switch (channel.kind) {
    case 'smpp':
      checkSmppSettings(channel.smpp);
      break;
    case 'http':
      checkHttp(channel.http);
      break;
    case 'engagelab':
      checkEngagelab(channel.engagelab);
  }
};

/** Where a channel's carrier is, for people. */
export const addressOf = (channel: KindAndSettings): string => {
  switch (channel.kind) {
    case 'smpp':
      return `${channel.smpp.host}:${channel.smpp.port}`;
    case 'http':
      return originOf(channel.http.url);
    case 'engagelab':
      return originOf(channel.engagelab.url);
  }
};

/** Scheme, host and port: what follows may hold what only the carrier should see. */
const originOf = (url: string): string => /^[^:]+:\/\/[^/?#]*/.exec(url)![0];

/** Whether a channel's carrier is asked to report what became of messages. */
export const asksForReports = (channel: KindAndSettings): boolean => {
  switch (channel.kind) {
    case 'smpp':
      return channel.smpp.registeredDelivery !== 'none';
    case 'http':
      return channel.http.reports !== null;
    case 'engagelab':
      return channel.engagelab.receipts;
  }
};

/** Messages a channel may have in flight, as it is set. */
export const windowOf = (channel: KindAndSettings): number => {
  switch (channel.kind) {
    case 'smpp':
      return channel.smpp.window * channel.smpp.binds;
    case 'http':
      return channel.http.window;
    case 'engagelab':
      return channel.engagelab.window;
  }
};

/** How reports that come on a channel are told apart. */
export interface ReceiptRules {
  /** Channels of one name share a carrier account: the reports of each may come on any of them. Empty: this one alone. */
  group: string;
  format: IdFormat;
  /** Whether a report on one part of a text stands for all of them. */
  oneForAll: boolean;
  /** An answer that has not come so long after its message never will. */
  answeredWithinMs: number;
}

/** An answer may lie somewhere on its way to the store for this long. */
const ANSWER_SLACK_MS = 5_000;

export const receiptRulesOf = (channel: KindAndSettings): ReceiptRules => {
  switch (channel.kind) {
    case 'smpp': {
      const { receiptGroup: group, idFormat: format, partReports, responseTimeoutMs } = channel.smpp;
      const oneForAll = partReports === 'one';
      return { group, format, oneForAll, answeredWithinMs: responseTimeoutMs + ANSWER_SLACK_MS };
    }
    case 'http':
      return { ...OWN_RECEIPTS, answeredWithinMs: channel.http.responseTimeoutMs + ANSWER_SLACK_MS };
    case 'engagelab':
      return { ...OWN_RECEIPTS, answeredWithinMs: channel.engagelab.responseTimeoutMs + ANSWER_SLACK_MS };
  }
};

/** Of a channel that is kept nowhere: the built-in simulator's, or one that was taken away. */
export const OWN_RECEIPTS: ReceiptRules = { group: '', format: 'same', oneForAll: false, answeredWithinMs: 35_000 };

/**
 * The built-in simulator's channel. It is never stored: it stands in for a carrier while there has never been a channel,
 * and nothing it takes reaches a phone.
 */
export const SIMULATOR_CHANNEL_ID = 0;

/** Whether a message of this channel only went to the built-in simulator. */
export const isSimulated = (channelId: number | null): boolean => channelId === SIMULATOR_CHANNEL_ID;

export const CHANNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The path callbacks to a channel come to; its last part is a secret. */
export const CALLBACK_PATH = '/callbacks/channels';

/** The address of a channel's callbacks; empty when this installation does not know its own. */
export const callbackUrlOf = (publicUrl: string | null, token: string): string =>
  publicUrl === null ? '' : `${publicUrl}${CALLBACK_PATH}/${token}`;
