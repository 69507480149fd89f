const OCTETS = 16;

/** A key by which the server knows a repeat of a request. Made by what pages have that did not come over TLS, too. */
export const newRequestKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(OCTETS))].map((octet) => octet.toString(16).padStart(2, '0')).join('');
