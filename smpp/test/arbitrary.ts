import fc from 'fast-check';
import { COMMANDS, type CommandName, type PduInput } from '../src/pdu/commands.ts';
import { TLVS, type TlvName, type TlvType } from '../src/pdu/tlvs.ts';

/** Latin-1 without NUL: what a C-octet string may hold. */
export const latin1 = (maxLength: number) =>
  fc.string({ unit: fc.integer({ min: 1, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength });

const octets = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));

const uint = (size: number) => fc.integer({ min: 0, max: 2 ** (8 * size) - 1 });

const address = {
  dest_addr_ton: uint(1),
  dest_addr_npi: uint(1),
  destination_addr: latin1(20),
};

/** Longest strings (without NUL) by field, as the tables of §4 give them. */
const STRING_LIMITS: Record<string, number> = {
  system_id: 15,
  password: 8,
  system_type: 12,
  address_range: 40,
  service_type: 5,
  message_id: 64,
  schedule_delivery_time: 16,
  validity_period: 16,
  final_date: 16,
  esme_addr: 64,
};

function field(command: CommandName, name: string): fc.Arbitrary<unknown> {
  if (name === 'short_message') return octets(0, 254);
  if (name === 'dest_address') {
    return fc.array(fc.oneof(fc.record(address), fc.record({ dl_name: latin1(20) })), { maxLength: 12 });
  }
  if (name === 'unsuccess_sme') {
    return fc.array(fc.record({ ...address, error_status_code: uint(4) }), { maxLength: 12 });
  }
  if (name === 'source_addr' || name === 'destination_addr') {
    return latin1(command === 'data_sm' || command === 'alert_notification' ? 64 : 20);
  }
  return name in STRING_LIMITS ? latin1(STRING_LIMITS[name]!) : uint(1);
}

function tlvValue(type: TlvType): fc.Arbitrary<unknown> {
  if (type.kind === 'uint') return uint(type.octets);
  if (type.kind === 'cstring') return latin1(type.max - 1);
  return octets(type.min, Math.min(type.max, 300));
}

const KNOWN_TAGS: ReadonlySet<number> = new Set(Object.values(TLVS).map((spec) => spec.tag));

const unknownTlv = fc.record({ tag: uint(2).filter((tag) => !KNOWN_TAGS.has(tag)), value: octets(0, 40) });

/** Any combination of optional parameters. */
export const tlvs = fc.record(
  Object.fromEntries([
    ...Object.entries(TLVS).map(([name, spec]) => {
      const value = tlvValue(spec.type);
      return [name, 'repeated' in spec ? fc.array(value, { minLength: 1, maxLength: 3 }) : value] as const;
    }),
    ['unknown', fc.array(unknownTlv, { minLength: 1, maxLength: 3 })] as const,
  ]) as Record<TlvName | 'unknown', fc.Arbitrary<unknown>>,
  { requiredKeys: [] },
);

/** A PDU of a command with every mandatory parameter, and optional ones where §4 has them. */
export function pduOf(command: CommandName): fc.Arbitrary<PduInput> {
  const spec = COMMANDS[command];
  const body = Object.fromEntries(spec.fields.map((each) => [each.name, field(command, each.name)]));
  const optional = spec.tlvs ? fc.option(tlvs, { nil: undefined }) : fc.constant(undefined);
  return fc
    .record({ sequence: uint(4), ...body, tlvs: optional })
    .map((rest) => ({ command, status: 0, ...rest, tlvs: isEmpty(rest.tlvs) ? undefined : rest.tlvs }) as PduInput);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || Object.keys(value as object).length === 0;
}

/** Any PDU at all. */
export const anyPdu: fc.Arbitrary<PduInput> = fc
  .constantFrom(...(Object.keys(COMMANDS) as CommandName[]))
  .chain((command) => pduOf(command));
