import type { Random } from '../lib/random.ts';
import { encodePdu } from '../pdu/encode.ts';

/** Sequence numbers of garbage, far from those that are in use. */
const GARBAGE_SEQUENCE = 0x7e000000;

const number = (random: Random): number => GARBAGE_SEQUENCE + Math.floor(random() * 0xffffff);

function pdu(id: number, sequence: number, body: Uint8Array): Buffer {
  const octets = Buffer.alloc(16 + body.length);
  octets.writeUInt32BE(octets.length, 0);
  octets.writeUInt32BE(id, 4);
  octets.writeUInt32BE(sequence, 12);
  octets.set(body, 16);
  return octets;
}

const noise = (random: Random, octets: number): Uint8Array =>
  Uint8Array.from({ length: octets }, () => Math.floor(random() * 256));

/** PDUs that an SMSC must not send but whose end is where they say it is: a sound ESME answers and goes on. */
const PDUS: readonly ((random: Random) => Buffer)[] = [
  // A command nobody knows.
  (random) => pdu(0x0000ffff, number(random), noise(random, 20)),
  // A deliver_sm that ends within its addresses.
  (random) => pdu(0x05, number(random), Buffer.from('000101')),
  // Strings without an end.
  (random) => pdu(0x05, number(random), new Uint8Array(200).fill(0x41)),
  // sm_length beyond the end.
  (random) => {
    const whole = encodePdu({ command: 'deliver_sm', sequence: number(random), short_message: 'x' });
    whole[whole.length - 2] = 0xff;
    return whole;
  },
  // An optional parameter longer than the PDU.
  (random) => {
    const body = encodePdu({ command: 'deliver_sm' }).subarray(16);
    return pdu(0x05, number(random), Buffer.concat([body, Buffer.from('0427ffff01', 'hex')]));
  },
  // What only an ESME may send.
  (random) => encodePdu({ command: 'submit_sm', sequence: number(random), destination_addr: '15550100' }),
  (random) => encodePdu({ command: 'bind_transceiver', sequence: number(random), system_id: 'garbage' }),
  // Responses to what was never asked.
  (random) => encodePdu({ command: 'submit_sm_resp', sequence: number(random), message_id: 'garbage' }),
  (random) => encodePdu({ command: 'deliver_sm_resp', sequence: number(random) }),
  () => encodePdu({ command: 'generic_nack', sequence: 0, status: 0x03 }),
  (random) => pdu(0x80000004, number(random), noise(random, 90)),
];

/** Octets behind which nobody can tell where the next PDU begins: a sound ESME gives the link up. */
const STREAMS: readonly ((random: Random) => Buffer)[] = [
  // Lengths that cannot be.
  () => Buffer.from('00000003', 'hex'),
  (random) => Buffer.from([0x7f, ...noise(random, 60)]),
  (random) => Buffer.from(`HTTP/1.1 400 Bad Request\r\n\r\n${number(random)}`),
  // A PDU that announces more than comes, and so swallows what follows it.
  (random) => {
    const short = pdu(0x05, number(random), noise(random, 30));
    short.writeUInt32BE(60_000, 0);
    return short;
  },
];

const anyOf = (kinds: readonly ((random: Random) => Buffer)[], random: Random): Buffer =>
  kinds[Math.floor(random() * kinds.length)]!(random);

/** A PDU without sense whose end is known. */
export function garbagePdu(random: Random): Buffer {
  return anyOf(PDUS, random);
}

/** Octets that break the stream. */
export function garbageStream(random: Random): Buffer {
  return anyOf(STREAMS, random);
}
