import { lockingTables, nationalTables } from '@signet/text';
import type { Schemas } from '../../api/schema.js';

type Name = keyof Schemas['NewSmpp'];

/** How a setting of an SMPP channel is typed in. */
export type SmppField =
  | { name: Name; kind: 'text' | 'secret' | 'pem' | 'switch' | 'map'; required?: true }
  | { name: Name; kind: 'number'; min: number; max: number; required?: true; empty?: true }
  | { name: Name; kind: 'one'; of: readonly (string | number)[] }
  | { name: Name; kind: 'some'; of: readonly string[] };

/** What every carrier asks for. */
export const FIRST_FIELDS: readonly SmppField[] = [
  { name: 'host', kind: 'text', required: true },
  { name: 'port', kind: 'number', min: 1, max: 65_535, required: true },
  { name: 'system_id', kind: 'text', required: true },
  { name: 'password', kind: 'secret', required: true },
  { name: 'system_type', kind: 'text' },
  { name: 'tls', kind: 'switch' },
  { name: 'bind_mode', kind: 'one', of: ['transceiver', 'transmitter_receiver'] },
  { name: 'binds', kind: 'number', min: 1, max: 64 },
  { name: 'window', kind: 'number', min: 1, max: 10_000 },
  { name: 'rate', kind: 'number', min: 1, max: 100_000, empty: true },
  { name: 'sender_rule', kind: 'one', of: ['fixed', 'business', 'none'] },
  { name: 'sender', kind: 'text' },
];

/** What only some carriers ask for; left alone, each has its usual value. */
export const FURTHER_FIELDS: readonly SmppField[] = [
  { name: 'senders', kind: 'map' },
  { name: 'interface_version', kind: 'one', of: ['3.4', '3.3', '5.0'] },
  { name: 'addr_ton', kind: 'number', min: 0, max: 6 },
  { name: 'addr_npi', kind: 'number', min: 0, max: 18 },
  { name: 'address_range', kind: 'text' },
  { name: 'response_timeout_ms', kind: 'number', min: 100, max: 3_600_000 },
  { name: 'enquire_link_ms', kind: 'number', min: 100, max: 3_600_000 },
  { name: 'tls_verify', kind: 'switch' },
  { name: 'tls_server_name', kind: 'text' },
  { name: 'tls_ca', kind: 'pem' },
  { name: 'tls_certificate', kind: 'pem' },
  { name: 'tls_key', kind: 'pem' },
  { name: 'source_ton', kind: 'one', of: ['auto', 0, 1, 2, 3, 4, 5, 6] },
  { name: 'source_npi', kind: 'one', of: ['auto', 0, 1, 3, 4, 6, 8, 9, 10, 14, 18] },
  { name: 'destination_ton', kind: 'one', of: ['auto', 0, 1, 2, 3, 4, 5, 6] },
  { name: 'destination_npi', kind: 'one', of: ['auto', 0, 1, 3, 4, 6, 8, 9, 10, 14, 18] },
  { name: 'service_type', kind: 'text' },
  { name: 'alphabets', kind: 'some', of: ['gsm7', 'latin1', 'ucs2'] },
  { name: 'single_shift', kind: 'some', of: nationalTables },
  { name: 'locking_shift', kind: 'some', of: lockingTables },
  { name: 'long_messages', kind: 'one', of: ['udh', 'sar', 'payload'] },
  { name: 'registered_delivery', kind: 'one', of: ['final', 'failure', 'intermediate', 'none'] },
  { name: 'part_reports', kind: 'one', of: ['each', 'one'] },
  { name: 'receipt_group', kind: 'text' },
  { name: 'id_format', kind: 'one', of: ['auto', 'same', 'hex_to_decimal', 'decimal_to_hex'] },
  { name: 'user_message_reference', kind: 'switch' },
  { name: 'validity_period', kind: 'one', of: ['none', 'absolute', 'relative'] },
  { name: 'priority_verification', kind: 'number', min: 0, max: 3 },
  { name: 'priority_notification', kind: 'number', min: 0, max: 3 },
  { name: 'priority_marketing', kind: 'number', min: 0, max: 3 },
  { name: 'status_outcomes', kind: 'map' },
];

type Values = Record<string, unknown>;

/** The settings of a channel as its form holds them: maps as JSON. */
export function formValuesOf(settings: Values): Values {
  return Object.fromEntries(
    [...FIRST_FIELDS, ...FURTHER_FIELDS].map(({ name, kind }) => {
      const value = settings[name];
      return [name, kind === 'map' && value !== undefined ? JSON.stringify(value) : value];
    }),
  );
}

/**
 * What a form says of settings: only those that differ from what the channel has, so that nothing is set that nobody
 * touched. Secrets that are left empty stay as they are.
 * @throws SyntaxError when a map is no JSON
 */
export function settingsOf(form: Values, before: Values | null): Values {
  const settings: Values = {};
  for (const { name, kind } of [...FIRST_FIELDS, ...FURTHER_FIELDS]) {
    const typed = form[name];
    if (typed === undefined || (before !== null && (kind === 'secret' || name === 'tls_key') && typed === '')) continue;
    const value = kind === 'map' ? (typed === '' ? {} : JSON.parse(String(typed))) : typed;
    if (before === null ? value === '' : JSON.stringify(value) === JSON.stringify(before[name])) continue;
    settings[name] = value;
  }
  return settings;
}
