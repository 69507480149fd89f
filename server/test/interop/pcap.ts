import type { Chunk } from './recording-proxy.ts';

const RAW_IP = 101;
const SNAP_OCTETS = 262_144;
/** More would not fit into one IPv4 packet with its headers. */
const SEGMENT_OCTETS = 60_000;
const IP_OCTETS = 20;
const TCP_OCTETS = 20;
const SYN = 0x02;
const ACK = 0x10;
const PUSH = 0x08;
/** The server's address and the clients': documentation networks (RFC 5737). */
const SERVER_ADDRESS = 0xc0000201;
const CLIENT_ADDRESS = 0xc6336401;
const FIRST_CLIENT_PORT = 40_000;

/** What was recorded, as a capture file that analysers read: every connection with its handshake, no checksums. */
export function pcapOf(chunks: readonly Chunk[], serverPort: number): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_OCTETS, 16);
  header.writeUInt32LE(RAW_IP, 20);
  const records: Buffer[] = [header];
  const connections = new Map<number, { client: number; server: number }>();
  for (const { connection, from, atMs, octets } of chunks) {
    let sent = connections.get(connection);
    const packet = (sender: Chunk['from'], flags: number, payload: Buffer) => {
      records.push(record(atMs, segment({ sender, connection, serverPort, flags, sent: sent!, payload })));
      sent![sender] += payload.length + (flags & SYN ? 1 : 0);
    };
    if (sent === undefined) {
      sent = { client: 1, server: 1 };
      connections.set(connection, sent);
      packet('client', SYN, Buffer.alloc(0));
      packet('server', SYN | ACK, Buffer.alloc(0));
      packet('client', ACK, Buffer.alloc(0));
    }
    for (let at = 0; at < octets.length; at += SEGMENT_OCTETS) {
      packet(from, PUSH | ACK, octets.subarray(at, at + SEGMENT_OCTETS));
    }
  }
  return Buffer.concat(records);
}

function record(atMs: number, packet: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Math.floor(atMs / 1000), 0);
  header.writeUInt32LE((atMs % 1000) * 1000, 4);
  header.writeUInt32LE(packet.length, 8);
  header.writeUInt32LE(packet.length, 12);
  return Buffer.concat([header, packet]);
}

/** One TCP segment in its IPv4 packet (RFC 9293 §3.1, RFC 791 §3.1). */
function segment(what: {
  sender: Chunk['from'];
  connection: number;
  serverPort: number;
  flags: number;
  /** Octets sent so far, and acknowledged by the other side. */
  sent: { client: number; server: number };
  payload: Buffer;
}): Buffer {
  const { sender, connection, serverPort, flags, sent, payload } = what;
  const fromServer = sender === 'server';
  const clientPort = FIRST_CLIENT_PORT + connection;
  const headers = Buffer.alloc(IP_OCTETS + TCP_OCTETS);
  headers[0] = 0x45;
  headers.writeUInt16BE(headers.length + payload.length, 2);
  headers[8] = 64;
  headers[9] = 6;
  headers.writeUInt32BE(fromServer ? SERVER_ADDRESS : CLIENT_ADDRESS, 12);
  headers.writeUInt32BE(fromServer ? CLIENT_ADDRESS : SERVER_ADDRESS, 16);
  headers.writeUInt16BE(fromServer ? serverPort : clientPort, IP_OCTETS);
  headers.writeUInt16BE(fromServer ? clientPort : serverPort, IP_OCTETS + 2);
  headers.writeUInt32BE(sent[sender], IP_OCTETS + 4);
  headers.writeUInt32BE(flags & ACK ? sent[fromServer ? 'client' : 'server'] : 0, IP_OCTETS + 8);
  headers[IP_OCTETS + 12] = (TCP_OCTETS / 4) << 4;
  headers[IP_OCTETS + 13] = flags;
  headers.writeUInt16BE(0xffff, IP_OCTETS + 14);
  return Buffer.concat([headers, payload]);
}
