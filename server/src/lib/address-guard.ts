import { type BlockList, isIP, isIPv4 } from 'node:net';
import { blockListOf } from './address-list.ts';

/** IPv4 that is not somebody else's public machine (IANA IPv4 Special-Purpose Address Registry, RFC 6890 and later). */
const CLOSED_V4 = [
  '0.0.0.0/8', // this network, and "any address"
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's metadata, though its block is public
  '169.254.0.0/16', // link-local, with the metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
];

/** The part of IPv6 that is handed out (IANA IPv6 Global Unicast Address Assignments); all else is closed. */
const OPEN_V6 = ['2000::/3'];

/** What of it is no public machine, or hides an IPv4 address (IANA IPv6 Special-Purpose Address Registry). */
const CLOSED_V6 = [
  '2001::/23', // protocol assignments, with Teredo
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
];

const closedV4 = blockListOf(CLOSED_V4);
const openV6 = blockListOf(OPEN_V6);
const closedV6 = blockListOf(CLOSED_V6);

/**
 * Networks of one's own: private, shared and loopback. What clouds and links use for themselves is not among them, since
 * nobody sends through it.
 */
export const OWN_NETWORKS: readonly string[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
];

/** Which addresses may be spoken to: public ones, and those of the networks allowed beside them. */
export class AddressGuard {
  readonly #allowed: BlockList;

  /** @param allowed addresses and networks, as {@link parseAddressList} returns them */
  constructor(allowed: readonly string[]) {
    this.#allowed = blockListOf(allowed);
  }

  /** @param address as a resolver or a socket gives it; anything else is refused */
  allows(address: string): boolean {
    const plain = unmapped(address);
    if (isIPv4(plain)) return this.#allowed.check(plain, 'ipv4') || !closedV4.check(plain, 'ipv4');
    if (isIP(plain) === 0) return false;
    return this.#allowed.check(plain, 'ipv6') || (openV6.check(plain, 'ipv6') && !closedV6.check(plain, 'ipv6'));
  }
}

/** The IPv4 address inside an IPv4-mapped one (RFC 4291 §2.5.5.2): it is that machine which would be reached. */
function unmapped(address: string): string {
  if (isIP(address) !== 6) return address;
  const canonical = URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : '';
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (match === null) return canonical === '' ? 'no address' : canonical;
  const [high, low] = [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
