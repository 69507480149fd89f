import {
  checkUint,
  EncodeError,
  type Reader,
  readLatin1,
  readUint,
  readUint32,
  writeCString,
  writeOctets,
  writeUint,
} from './bytes.ts';
import { STATUS, type StatusName } from './statuses.ts';

/**
 * One mandatory parameter of a PDU body (§5.2): its name, its value when left out, and how it lies on the wire. What
 * may be sent can be wider than what is read.
 */
export interface Field<Name extends string = string, Value = unknown, Read extends Value = Value> {
  readonly name: Name;
  /** What an absent value is sent as, and what a response without body is read as. */
  empty(): Read;
  /** Octets the value takes, or an upper bound of them; throws EncodeError for a value that does not fit. */
  size(value: Value): number;
  /** Writes a value that size() let pass; returns the offset behind it. */
  write(into: Buffer, at: number, value: Value): number;
  /** Reads the value at the reader's position; a contradiction is left in the reader. */
  read(from: Reader): Read;
}

/** An unsigned integer of 1, 2 or 4 octets, big-endian (§3.1). */
export function uint<Name extends string>(name: Name, octets: 1 | 2 | 4): Field<Name, number> {
  return {
    name,
    empty: () => 0,
    size(value) {
      checkUint(value, octets, name);
      return octets;
    },
    write: (into, at, value) => writeUint(into, at, value, octets),
    read(from) {
      if (from.end - from.at < octets) {
        from.fail(STATUS.ESME_RINVCMDLEN, `the body ends before ${name}`);
        return 0;
      }
      const value = readUint(from.buffer, from.at, octets);
      from.at += octets;
      return value;
    },
  };
}

/**
 * A C-octet string of at most `maxOctets`, its NUL included (§3.1). A longer one is answered with `status`, a body
 * that ends before the NUL with ESME_RINVCMDLEN.
 */
export function cstring<Name extends string>(name: Name, maxOctets: number, status: StatusName): Field<Name, string> {
  const tooLong = STATUS[status];
  return {
    name,
    empty: () => '',
    size: (value) => value.length + 1,
    write: (into, at, value) => writeCString(into, at, value, maxOctets, name),
    read: (from) => readCString(from, maxOctets, tooLong, name),
  };
}

/** Reads a C-octet string, as the field and the hot path do. */
export function readCString(from: Reader, maxOctets: number, tooLong: number, name: string): string {
  const { buffer, at, end } = from;
  const limit = Math.min(at + maxOctets, end);
  let stop = at;
  while (stop < limit && buffer[stop] !== 0) stop++;
  if (stop === limit) {
    if (limit - at === maxOctets) from.fail(tooLong, `${name} is longer than ${maxOctets - 1} octets`);
    else from.fail(STATUS.ESME_RINVCMDLEN, `the body ends within ${name}`);
    return '';
  }
  from.at = stop + 1;
  return readLatin1(buffer, at, stop);
}

/** The longest short_message (§5.2.22); longer texts travel as message_payload or in parts. */
export const SHORT_MESSAGE_MAX_OCTETS = 254;

const NO_OCTETS = Buffer.alloc(0);

/**
 * sm_length and short_message (§5.2.21, §5.2.22) as one value: the length octet is never a matter of its own. Written
 * from bytes or from a Latin-1 string of them, always read as bytes that lie in the received chunk.
 */
export function shortMessage<Name extends string>(name: Name): Field<Name, Uint8Array | string, Buffer> {
  return {
    name,
    empty: () => NO_OCTETS,
    size(value) {
      if (value.length > SHORT_MESSAGE_MAX_OCTETS) {
        throw new EncodeError(name, `${value.length} octets, at most ${SHORT_MESSAGE_MAX_OCTETS} fit`);
      }
      return value.length + 1;
    },
    write(into, at, value) {
      into[at] = value.length;
      return writeOctets(into, at + 1, value, name);
    },
    read: (from) => readShortMessage(from, name),
  };
}

/** Reads sm_length and short_message, as the field and the hot path do. */
export function readShortMessage(from: Reader, name: string): Buffer {
  const { buffer, at, end } = from;
  if (at >= end) {
    from.fail(STATUS.ESME_RINVCMDLEN, 'the body ends before sm_length');
    return NO_OCTETS;
  }
  const length = buffer[at]!;
  if (length > SHORT_MESSAGE_MAX_OCTETS || at + 1 + length > end) {
    from.fail(STATUS.ESME_RINVMSGLEN, `sm_length ${length} does not fit the ${name} that follows`);
    return NO_OCTETS;
  }
  from.at = at + 1 + length;
  return length === 0 ? NO_OCTETS : buffer.subarray(at + 1, at + 1 + length);
}

/** One destination of submit_multi (§4.5.1.1): a number, or the name of a distribution list. */
export type Destination =
  | { dest_addr_ton: number; dest_addr_npi: number; destination_addr: string }
  | { dl_name: string };

/** A number to which submit_multi failed, and why (§4.5.2.1). */
export interface UnsuccessfulDelivery {
  dest_addr_ton: number;
  dest_addr_npi: number;
  destination_addr: string;
  error_status_code: number;
}

const ADDRESS_MAX_OCTETS = 21;
const SME_ADDRESS = 1;
const DISTRIBUTION_LIST = 2;
const LIST_MAX_ENTRIES = 254;

/** number_of_dests and dest_address(es) of submit_multi (§5.2.24, §5.2.25). */
export function destinations<Name extends string>(name: Name): Field<Name, Destination[]> {
  return {
    name,
    empty: () => [],
    size(value) {
      checkCount(value.length, name);
      let octets = 1;
      for (const each of value) {
        if ('dl_name' in each) octets += 2 + each.dl_name.length;
        else octets += addressSize(each, name) + 1;
      }
      return octets;
    },
    write(into, at, value) {
      into[at] = value.length;
      let position = at + 1;
      for (const each of value) {
        if ('dl_name' in each) {
          into[position] = DISTRIBUTION_LIST;
          position = writeCString(into, position + 1, each.dl_name, ADDRESS_MAX_OCTETS, 'dl_name');
        } else {
          into[position] = SME_ADDRESS;
          position = writeAddress(into, position + 1, each);
        }
      }
      return position;
    },
    read(from) {
      const list: Destination[] = [];
      for (let count = readCount(from, name); count > 0 && from.faultStatus === 0; count--) {
        const flag = readOctet(from, 'dest_flag');
        if (from.faultStatus !== 0) break;
        if (flag === SME_ADDRESS) list.push(readAddress(from));
        else if (flag === DISTRIBUTION_LIST) {
          list.push({ dl_name: readCString(from, ADDRESS_MAX_OCTETS, STATUS.ESME_RINVDLNAME, 'dl_name') });
        } else from.fail(STATUS.ESME_RINVDESTFLAG, `dest_flag ${flag} is neither 1 nor 2`);
      }
      return list;
    },
  };
}

/** no_unsuccess and unsuccess_sme(s) of submit_multi_resp (§5.2.26, §5.2.27). */
export function unsuccessfulDeliveries<Name extends string>(name: Name): Field<Name, UnsuccessfulDelivery[]> {
  return {
    name,
    empty: () => [],
    size(value) {
      checkCount(value.length, name);
      let octets = 1;
      for (const each of value) {
        checkUint(each.error_status_code, 4, 'error_status_code');
        octets += addressSize(each, name) + 4;
      }
      return octets;
    },
    write(into, at, value) {
      into[at] = value.length;
      let position = at + 1;
      for (const each of value) {
        position = writeAddress(into, position, each);
        position = into.writeUInt32BE(each.error_status_code, position);
      }
      return position;
    },
    read(from) {
      const list: UnsuccessfulDelivery[] = [];
      for (let count = readCount(from, name); count > 0 && from.faultStatus === 0; count--) {
        const address = readAddress(from);
        if (from.end - from.at < 4) {
          from.fail(STATUS.ESME_RINVCMDLEN, 'the body ends before error_status_code');
          break;
        }
        list.push({ ...address, error_status_code: readUint32(from.buffer, from.at) });
        from.at += 4;
      }
      return list;
    },
  };
}

type Address = { dest_addr_ton: number; dest_addr_npi: number; destination_addr: string };

function addressSize(address: Address, name: string): number {
  checkUint(address.dest_addr_ton, 1, `${name} dest_addr_ton`);
  checkUint(address.dest_addr_npi, 1, `${name} dest_addr_npi`);
  return 3 + address.destination_addr.length;
}

function writeAddress(into: Buffer, at: number, address: Address): number {
  into[at] = address.dest_addr_ton;
  into[at + 1] = address.dest_addr_npi;
  return writeCString(into, at + 2, address.destination_addr, ADDRESS_MAX_OCTETS, 'destination_addr');
}

function readAddress(from: Reader): Address {
  const dest_addr_ton = readOctet(from, 'dest_addr_ton');
  const dest_addr_npi = readOctet(from, 'dest_addr_npi');
  const destination_addr = readCString(from, ADDRESS_MAX_OCTETS, STATUS.ESME_RINVDSTADR, 'destination_addr');
  return { dest_addr_ton, dest_addr_npi, destination_addr };
}

function readOctet(from: Reader, name: string): number {
  if (from.at >= from.end) {
    from.fail(STATUS.ESME_RINVCMDLEN, `the body ends before ${name}`);
    return 0;
  }
  return from.buffer[from.at++]!;
}

function checkCount(count: number, name: string): void {
  if (count > LIST_MAX_ENTRIES) throw new EncodeError(name, `${count} entries, at most ${LIST_MAX_ENTRIES} fit`);
}

function readCount(from: Reader, name: string): number {
  const count = readOctet(from, `the number of ${name}`);
  if (count > LIST_MAX_ENTRIES) from.fail(STATUS.ESME_RINVNUMDESTS, `${count} ${name}`);
  return count;
}
