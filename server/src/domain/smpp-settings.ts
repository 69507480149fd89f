import { STATUS, statusCode } from '@signet/smpp';
import { type LockingTable, lockingTables, type NationalTable, nationalTables } from '@signet/text';
import { ID_FORMATS } from './carrier-id.ts';
import { must } from './refusals.ts';
import {
  ascii,
  integer,
  integerOr,
  list,
  needed,
  onOff,
  pairs,
  pem,
  type Setting,
  secret,
  settingList,
  text,
  wireName,
  word,
} from './setting.ts';

/** Alphabets of a text on the way to a carrier. */
const ALPHABETS = ['gsm7', 'latin1', 'ucs2'] as const;
export type Alphabet = (typeof ALPHABETS)[number];

/**
 * What a carrier's no to a message means: to be tried again later, to be tried at another carrier, a no for good, or kept
 * in hand and asked for again more slowly.
 */
const STATUS_OUTCOMES = ['later', 'elsewhere', 'never', 'throttled'] as const;
export type StatusOutcome = (typeof STATUS_OUTCOMES)[number];

const AUTO = { value: 'auto', word: 'auto' } as const;
const milliseconds = (meaning: string, initial: number) =>
  integer(`${meaning}, in milliseconds`, 100, 3_600_000, initial);

/**
 * The settings of a channel that reaches its carrier over SMPP, a line each: the API calls `systemId` `system_id`, the
 * command line `--system-id`, and a channel of an older version has what a line says at its end. Lengths are those of
 * SMPP 3.4 §4.1.1 and §4.4.1, without the zero at the end.
 */
export const SMPP_SETTINGS = {
  host: needed(
    text('a host name or an IP address', '^[A-Za-z0-9](?:[A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?$|^::[0-9A-Fa-f.:]{0,43}$'),
  ),
  port: needed(integer('the port', 1, 65_535)),
  systemId: needed(ascii('who we are to the carrier', 1, 15)),
  password: secret(needed(ascii('the password of system_id', 0, 8))),
  systemType: ascii('system_type of the bind', 0, 12),
  interfaceVersion: word('version of SMPP named in the bind', ['3.4', '3.3', '5.0']),
  addrTon: integer('addr_ton of the bind', 0, 6),
  addrNpi: integer('addr_npi of the bind', 0, 18),
  addressRange: ascii('address_range of the bind', 0, 40),

  binds: integer('how many binds the channel keeps', 1, 64),
  bindMode: word('what a bind is, one session both ways or one to send and one to receive', [
    'transceiver',
    'transmitter_receiver',
  ]),
  window: integer('requests without an answer on each bind, at most', 1, 10_000, 100),
  rate: integerOr('submit_sm (parts) a second over all binds, at most', 1, 100_000, { value: null, word: 'none' }),
  responseTimeoutMs: milliseconds('how long an answer is waited for', 30_000),
  enquireLinkMs: milliseconds('silence after which the carrier is asked whether it lives', 30_000),

  tls: onOff('whether the connection is encrypted', false),
  tlsVerify: onOff("whether the carrier's certificate must be valid", true),
  tlsCa: pem('the authorities that are trusted, instead of the usual ones', 'CERTIFICATE'),
  tlsServerName: text('the name the certificate must be for; empty: host', '^[A-Za-z0-9._-]{0,253}$'),
  tlsCertificate: pem('the certificate shown to the carrier', 'CERTIFICATE'),
  tlsKey: secret(pem('the private key of tls_certificate', '[A-Z ]*PRIVATE KEY')),

  senderRule: word('whom messages are from, the sender of the channel, of their business, or nobody', [
    'fixed',
    'business',
    'none',
  ]),
  sender: ascii("the sender of the channel, empty for the carrier's default", 0, 20),
  senders: pairs<string>(
    'for sender_rule business, an object from ids of businesses to their senders (1 to 20 printable ASCII characters); other businesses send as sender',
    { type: 'string', pattern: '^[\\x20-\\x7e]{1,20}$' },
  ),
  sourceTon: integerOr('source_addr_ton, which auto finds by the look of the sender', 0, 6, AUTO),
  sourceNpi: integerOr('source_addr_npi, which auto finds by the look of the sender', 0, 18, AUTO),
  destinationTon: integerOr('dest_addr_ton, with auto international', 0, 6, AUTO),
  destinationNpi: integerOr('dest_addr_npi, with auto ISDN', 0, 18, AUTO),
  serviceType: ascii('service_type', 0, 5),

  alphabets: list<Alphabet>('the alphabets the carrier takes', ALPHABETS, 1, ['gsm7', 'ucs2']),
  singleShift: list<NationalTable>('single shift tables the carrier passes on', nationalTables, 0, []),
  lockingShift: list<LockingTable>('locking shift tables the carrier passes on', lockingTables, 0, []),
  longMessages: word('how long texts travel, in parts with a header or with sar_ TLVs, or whole as message_payload', [
    'udh',
    'sar',
    'payload',
  ]),
  registeredDelivery: word('the delivery reports that are asked for', ['final', 'failure', 'intermediate', 'none']),
  partReports: word('the delivery reports on a long text: one for each part, or one that stands for all of them', [
    'each',
    'one',
  ]),
  receiptGroup: text(
    'a name that channels of one carrier account share when the reports of each may come on any of them (1 to 64 letters, digits, dots, dashes or underscores), empty for this channel alone',
    '^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63})?$',
  ),
  idFormat: word(
    'how reports write the id that submit_sm_resp gave: auto finds it out, same takes it as it is, otherwise the base in the answer and the one in reports',
    ID_FORMATS,
  ),
  userMessageReference: onOff(
    'whether each submit_sm carries our own number as user_message_reference, for carriers that put it into their reports',
    false,
  ),
  validityPeriod: word('how the carrier is told until when a message is of use', ['none', 'absolute', 'relative']),
  priorityVerification: integer('priority_flag of codes', 0, 3, 0),
  priorityNotification: integer('priority_flag of notifications', 0, 3, 0),
  priorityMarketing: integer('priority_flag of marketing', 0, 3, 0),
  statusOutcomes: pairs<StatusOutcome>(
    `what this carrier means by a status, an object from ESME_ names or numbers (1025, 0x401) to one of ${STATUS_OUTCOMES.join(', ')}`,
    { type: 'string', enum: STATUS_OUTCOMES },
  ),
} as const;

type Table = typeof SMPP_SETTINGS;
export type SettingName = keyof Table;
export type SmppSettings = { [Name in SettingName]: Table[Name] extends Setting<infer T> ? T : never };

export const SMPP_SETTING_LIST = settingList<SettingName>(SMPP_SETTINGS);

/** What the settings are that need not be given. */
export const DEFAULT_SMPP_SETTINGS = Object.fromEntries(
  SMPP_SETTING_LIST.filter(({ setting }) => setting.initial !== undefined).map(({ name, setting }) => [
    name,
    setting.initial,
  ]),
) as Omit<SmppSettings, 'host' | 'port' | 'systemId' | 'password'>;

/** The settings as they were kept, by whatever version, with everything that has been added since. */
export function completeSmppSettings(kept: Partial<SmppSettings> & { receipts?: boolean }): SmppSettings {
  // Before there was a choice of reports, they were asked for or not.
  const { receipts, ...settings } = kept;
  const earlier: Partial<SmppSettings> = receipts === false ? { registeredDelivery: 'none' } : {};
  return { ...DEFAULT_SMPP_SETTINGS, ...earlier, ...settings } as SmppSettings;
}

/** The settings that a request speaks of, in the names of this house. */
export function settingsOfWire(wire: Readonly<Record<string, unknown>>): Partial<SmppSettings> {
  const spoken = SMPP_SETTING_LIST.filter(({ wire: name }) => wire[name] !== undefined);
  return Object.fromEntries(spoken.map(({ name, wire: wired }) => [name, wire[wired]]));
}

/** The settings as answers show them: secrets never leave. */
export function wireOfSettings(settings: SmppSettings): Record<string, unknown> {
  const shown = SMPP_SETTING_LIST.filter(({ setting }) => !setting.secret);
  return Object.fromEntries(shown.map(({ name, wire }) => [wire, settings[name]]));
}

const BUSINESS_ID = /^[1-9]\d{0,14}$/;

/**
 * Checks what the schema of each setting by itself cannot.
 * @throws Refused (invalidField)
 */
export function checkSmppSettings(settings: SmppSettings): void {
  const rule = (holds: boolean, name: SettingName, rule: string) =>
    must(holds, { code: 'invalidField', field: `smpp.${wireName(name)}`, rule });
  for (const id of Object.keys(settings.senders)) {
    rule(BUSINESS_ID.test(id), 'senders', `${JSON.stringify(id)} is not the id of a business`);
  }
  for (const status of Object.keys(settings.statusOutcomes)) {
    const number = statusNumber(status);
    rule(
      number !== null && number !== STATUS.ESME_ROK,
      'statusOutcomes',
      `${JSON.stringify(status)} is not a status that says no: an ESME_ name of SMPP 3.4, or a number`,
    );
  }
  rule(
    (settings.tlsCertificate === '') === (settings.tlsKey === ''),
    'tlsCertificate',
    'tls_certificate and tls_key are given together',
  );
  rule(
    settings.interfaceVersion !== '3.3' || !settings.userMessageReference,
    'userMessageReference',
    'SMPP 3.3 has no optional parameters',
  );
  rule(
    settings.interfaceVersion !== '3.3' || settings.longMessages === 'udh',
    'longMessages',
    'SMPP 3.3 has no optional parameters, so long texts need udh',
  );
}

/** The number of a status written as a name, in decimal or as 0x and hexadecimal; null when it is none. */
export function statusNumber(status: string): number | null {
  const named = statusCode(status);
  if (named !== undefined) return named;
  const number = /^(?:\d{1,10}|0x[0-9A-Fa-f]{1,8})$/.test(status) ? Number(status) : Number.NaN;
  return number <= 0xffff_ffff ? number : null;
}
