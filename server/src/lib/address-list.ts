import { BlockList, isIP, isIPv6 } from 'node:net';

/** Whether a text is an IP address, or an address and the bits of its network (RFC 4632, RFC 4291 §2.3). */
export function isAddressOrNetwork(text: string): boolean {
  const match = /^([0-9A-Fa-f:.]+)(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text);
  if (match === null) return false;
  const family = isIP(match[1]!);
  return family !== 0 && Number(match[2] ?? 0) <= (family === 4 ? 32 : 128);
}

/** Addresses and networks as the operator writes them, separated by commas; null when one of them is none. */
export function parseAddressList(text: string): string[] | null {
  const list = text.split(',').map((part) => part.trim());
  return list.every(isAddressOrNetwork) ? list : null;
}

/** A list that tells whether an address is one of these, or in one of these networks. */
export function blockListOf(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of addresses) {
    const [network, bits] = entry.split('/') as [string, string | undefined];
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(bits), family);
  }
  return list;
}

/** Whether an address is one of a list, or in one of its networks; an IPv4 address written as IPv6 is the IPv4 address it is. */
export function inAddressList(address: string, addresses: readonly string[]): boolean {
  return blockListOf(addresses).check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
