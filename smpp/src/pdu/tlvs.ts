import {
  checkUint,
  EncodeError,
  type Reader,
  readLatin1,
  readUint,
  writeCString,
  writeOctets,
  writeUint,
} from './bytes.ts';
import { STATUS } from './statuses.ts';

/** The type of a TLV's value (§5.3.2); lengths are those of the value field, in octets. */
export type TlvType =
  | { readonly kind: 'uint'; readonly octets: 1 | 2 | 4 }
  | { readonly kind: 'cstring'; readonly max: number }
  | { readonly kind: 'octets'; readonly min: number; readonly max: number };

interface TlvSpec {
  readonly tag: number;
  readonly type: TlvType;
  /** §5.3.2.36–38: callback numbers may stand several times in one PDU; their value is a list. */
  readonly repeated?: true;
}

const UINT1 = { kind: 'uint', octets: 1 } as const;
const UINT2 = { kind: 'uint', octets: 2 } as const;
const UINT4 = { kind: 'uint', octets: 4 } as const;
const octets = (min: number, max: number) => ({ kind: 'octets', min, max }) as const;
const cstring = (max: number) => ({ kind: 'cstring', max }) as const;

/** Every optional parameter of SMPP 3.4 §5.3.1, and one of 5.0: its tag and the type of its value. */
export const TLVS = {
  dest_addr_subunit: { tag: 0x0005, type: UINT1 },
  dest_network_type: { tag: 0x0006, type: UINT1 },
  dest_bearer_type: { tag: 0x0007, type: UINT1 },
  dest_telematics_id: { tag: 0x0008, type: UINT2 },
  source_addr_subunit: { tag: 0x000d, type: UINT1 },
  source_network_type: { tag: 0x000e, type: UINT1 },
  source_bearer_type: { tag: 0x000f, type: UINT1 },
  source_telematics_id: { tag: 0x0010, type: UINT1 },
  qos_time_to_live: { tag: 0x0017, type: UINT4 },
  payload_type: { tag: 0x0019, type: UINT1 },
  additional_status_info_text: { tag: 0x001d, type: cstring(256) },
  receipted_message_id: { tag: 0x001e, type: cstring(65) },
  ms_msg_wait_facilities: { tag: 0x0030, type: UINT1 },
  privacy_indicator: { tag: 0x0201, type: UINT1 },
  source_subaddress: { tag: 0x0202, type: octets(2, 23) },
  dest_subaddress: { tag: 0x0203, type: octets(2, 23) },
  user_message_reference: { tag: 0x0204, type: UINT2 },
  user_response_code: { tag: 0x0205, type: UINT1 },
  source_port: { tag: 0x020a, type: UINT2 },
  destination_port: { tag: 0x020b, type: UINT2 },
  sar_msg_ref_num: { tag: 0x020c, type: UINT2 },
  language_indicator: { tag: 0x020d, type: UINT1 },
  sar_total_segments: { tag: 0x020e, type: UINT1 },
  sar_segment_seqnum: { tag: 0x020f, type: UINT1 },
  sc_interface_version: { tag: 0x0210, type: UINT1 },
  callback_num_pres_ind: { tag: 0x0302, type: UINT1, repeated: true },
  callback_num_atag: { tag: 0x0303, type: octets(0, 65), repeated: true },
  number_of_messages: { tag: 0x0304, type: UINT1 },
  callback_num: { tag: 0x0381, type: octets(4, 19), repeated: true },
  dpf_result: { tag: 0x0420, type: UINT1 },
  set_dpf: { tag: 0x0421, type: UINT1 },
  ms_availability_status: { tag: 0x0422, type: UINT1 },
  network_error_code: { tag: 0x0423, type: octets(3, 3) },
  message_payload: { tag: 0x0424, type: octets(0, 0xffff) },
  delivery_failure_reason: { tag: 0x0425, type: UINT1 },
  more_messages_to_send: { tag: 0x0426, type: UINT1 },
  message_state: { tag: 0x0427, type: UINT1 },
  // Of SMPP 5.0 (§4.8.4.18): how busy the SMSC is, 0 to 99, on its responses.
  congestion_state: { tag: 0x0428, type: UINT1 },
  ussd_service_op: { tag: 0x0501, type: octets(1, 1) },
  display_time: { tag: 0x1201, type: UINT1 },
  sms_signal: { tag: 0x1203, type: UINT2 },
  ms_validity: { tag: 0x1204, type: UINT1 },
  // 3.4 gives it no value; later versions put one octet there, which is let through.
  alert_on_message_delivery: { tag: 0x130c, type: octets(0, 1) },
  its_reply_type: { tag: 0x1380, type: UINT1 },
  its_session_info: { tag: 0x1383, type: octets(2, 2) },
} as const satisfies Record<string, TlvSpec>;

/** The name of an optional parameter of §5.3.1. */
export type TlvName = keyof typeof TLVS;

/** A parameter that §5.3.1 does not name (a vendor's, or a later version's), kept as it came. */
export interface UnknownTlv {
  tag: number;
  value: Uint8Array;
}

type ValueOf<Type extends TlvType> = Type extends { kind: 'uint' }
  ? number
  : Type extends { kind: 'cstring' }
    ? string
    : Uint8Array;

/**
 * The optional parameters of one PDU, by name; `unknown` keeps those without one, in their order, and is sent
 * unchanged. A second occurrence of a parameter that may stand only once is kept there too.
 */
export type Tlvs = {
  -readonly [Name in TlvName]?: (typeof TLVS)[Name] extends { repeated: true }
    ? ValueOf<(typeof TLVS)[Name]['type']>[]
    : ValueOf<(typeof TLVS)[Name]['type']>;
} & { unknown?: UnknownTlv[] };

type TlvValue = number | string | Uint8Array;
type GivenTlvs = Record<string, TlvValue | TlvValue[] | UnknownTlv[] | undefined>;

interface KnownTlv extends TlvSpec {
  readonly name: TlvName;
}

const BY_NAME = new Map<string, KnownTlv>(
  Object.entries(TLVS).map(([name, spec]) => [name, { ...spec, name: name as TlvName }]),
);
const BY_TAG = new Map<number, KnownTlv>([...BY_NAME.values()].map((spec) => [spec.tag, spec]));

const HEADER_OCTETS = 4;

/**
 * Reads everything from the reader's position to the end as optional parameters (§3.2.4.1).
 * @param allowed false for commands that take none: a known parameter there is ESME_ROPTPARNOTALLWD, while an
 *   unknown one is kept, because §3.3 wants parameters of later versions ignored.
 */
export function readTlvs(from: Reader, allowed: boolean): Tlvs | undefined {
  const { buffer, end } = from;
  let at = from.at;
  if (at >= end) return undefined;
  const tlvs: Tlvs = {};
  const byName = tlvs as Record<string, TlvValue | TlvValue[]>;
  while (at < end) {
    if (end - at < HEADER_OCTETS) {
      from.fail(STATUS.ESME_RINVOPTPARSTREAM, `${end - at} octets behind the last parameter`);
      return undefined;
    }
    const tag = (buffer[at]! << 8) | buffer[at + 1]!;
    const start = at + HEADER_OCTETS;
    at = start + ((buffer[at + 2]! << 8) | buffer[at + 3]!);
    if (at > end) {
      from.fail(STATUS.ESME_RINVOPTPARSTREAM, `parameter 0x${tag.toString(16)} is longer than the PDU`);
      return undefined;
    }
    const known = BY_TAG.get(tag);
    if (known === undefined) {
      keepUnknown(tlvs, tag, buffer.subarray(start, at));
      continue;
    }
    if (!allowed) {
      from.fail(STATUS.ESME_ROPTPARNOTALLWD, `${known.name} is not allowed here`);
      return undefined;
    }
    if (known.repeated === undefined && byName[known.name] !== undefined) {
      keepUnknown(tlvs, tag, buffer.subarray(start, at));
      continue;
    }
    const value = readValue(buffer, start, at, known.type);
    if (value === undefined) {
      from.fail(STATUS.ESME_RINVPARLEN, `${known.name} of ${at - start} octets`);
      return undefined;
    }
    if (known.repeated) {
      const list = byName[known.name];
      if (list === undefined) byName[known.name] = [value];
      else (list as TlvValue[]).push(value);
    } else byName[known.name] = value;
  }
  from.at = at;
  return tlvs;
}

function keepUnknown(tlvs: Tlvs, tag: number, value: Uint8Array): void {
  tlvs.unknown ??= [];
  tlvs.unknown.push({ tag, value });
}

function readValue(buffer: Buffer, start: number, end: number, type: TlvType): TlvValue | undefined {
  const length = end - start;
  switch (type.kind) {
    case 'uint':
      return length === type.octets ? readUint(buffer, start, type.octets) : undefined;
    case 'cstring': {
      // Many SMSCs forget the NUL, and the length says where the string ends anyway.
      let stop = start;
      while (stop < end && buffer[stop] !== 0) stop++;
      return stop - start < type.max ? readLatin1(buffer, start, stop) : undefined;
    }
    case 'octets':
      return length >= type.min && length <= type.max ? buffer.subarray(start, end) : undefined;
  }
}

/** Upper bound of the octets the parameters take; throws EncodeError for a value that does not fit its type. */
export function tlvsSize(tlvs: Tlvs): number {
  let size = 0;
  for (const name in tlvs) {
    const value = (tlvs as GivenTlvs)[name];
    if (value === undefined) continue;
    if (name === 'unknown') {
      for (const each of value as UnknownTlv[]) {
        checkUint(each.tag, 2, 'tag of an unknown TLV');
        checkUint(each.value.length, 2, 'length of an unknown TLV');
        size += HEADER_OCTETS + each.value.length;
      }
      continue;
    }
    const known = knownTlv(name);
    if (known.repeated) for (const each of value as TlvValue[]) size += valueSize(each, known);
    else size += valueSize(value as TlvValue, known);
  }
  return size;
}

function knownTlv(name: string): KnownTlv {
  const known = BY_NAME.get(name);
  if (known === undefined) throw new EncodeError(name, 'no optional parameter has this name');
  return known;
}

function valueSize(value: TlvValue, { name, type }: KnownTlv): number {
  if (type.kind === 'uint') {
    checkUint(value as number, type.octets, name);
    return HEADER_OCTETS + type.octets;
  }
  const length = (value as string | Uint8Array).length;
  if (type.kind === 'octets' && (length < type.min || length > type.max)) {
    throw new EncodeError(name, `${length} octets, ${type.min} to ${type.max} fit`);
  }
  return HEADER_OCTETS + length + 1;
}

/** Writes parameters that tlvsSize() let pass, in the order of their keys; returns the offset behind them. */
export function writeTlvs(into: Buffer, at: number, tlvs: Tlvs): number {
  let position = at;
  for (const name in tlvs) {
    const value = (tlvs as GivenTlvs)[name];
    if (value === undefined) continue;
    if (name === 'unknown') {
      for (const each of value as UnknownTlv[]) {
        position = writeHeader(into, position, each.tag, each.value.length);
        position = writeOctets(into, position, each.value, name);
      }
      continue;
    }
    const known = knownTlv(name);
    if (known.repeated) for (const each of value as TlvValue[]) position = writeTlv(into, position, each, known);
    else position = writeTlv(into, position, value as TlvValue, known);
  }
  return position;
}

function writeTlv(into: Buffer, at: number, value: TlvValue, { name, tag, type }: KnownTlv): number {
  const start = at + HEADER_OCTETS;
  switch (type.kind) {
    case 'uint':
      writeHeader(into, at, tag, type.octets);
      return writeUint(into, start, value as number, type.octets);
    case 'cstring': {
      const end = writeCString(into, start, value as string, type.max, name);
      writeHeader(into, at, tag, end - start);
      return end;
    }
    case 'octets':
      writeHeader(into, at, tag, (value as Uint8Array).length);
      return writeOctets(into, start, value as Uint8Array, name);
  }
}

function writeHeader(into: Buffer, at: number, tag: number, length: number): number {
  into[at] = tag >>> 8;
  into[at + 1] = tag;
  into[at + 2] = length >>> 8;
  into[at + 3] = length;
  return at + HEADER_OCTETS;
}
