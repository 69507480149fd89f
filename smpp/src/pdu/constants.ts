/** Bits of esm_class (§5.2.12). */
export const ESM_CLASS = {
  /** Messaging mode bits; 0 is the SMSC's default (store and forward). */
  MODE_MASK: 0x03,
  DATAGRAM: 0x01,
  FORWARD: 0x02,
  STORE_AND_FORWARD: 0x03,
  /** Message type bits. */
  TYPE_MASK: 0x3c,
  DELIVERY_RECEIPT: 0x04,
  DELIVERY_ACKNOWLEDGEMENT: 0x08,
  USER_ACKNOWLEDGEMENT: 0x10,
  INTERMEDIATE_NOTIFICATION: 0x20,
  /** The message starts with a user data header. */
  UDHI: 0x40,
  REPLY_PATH: 0x80,
} as const;

/** Bits of registered_delivery (§5.2.17). */
export const REGISTERED_DELIVERY = {
  NONE: 0x00,
  /** A receipt for success and failure. */
  FINAL: 0x01,
  /** A receipt for failure only. */
  FAILURE: 0x02,
  RECEIPT_MASK: 0x03,
  INTERMEDIATE: 0x10,
} as const;

/** Values of data_coding (§5.2.19). */
export const DATA_CODING = {
  /** GSM 7-bit at nearly every SMSC, one character an octet. */
  SMSC_DEFAULT: 0x00,
  IA5: 0x01,
  OCTETS: 0x02,
  LATIN1: 0x03,
  OCTETS_8BIT: 0x04,
  UCS2: 0x08,
} as const;

/** Type of number (§5.2.5). */
export const TON = {
  UNKNOWN: 0x00,
  INTERNATIONAL: 0x01,
  NATIONAL: 0x02,
  NETWORK_SPECIFIC: 0x03,
  SUBSCRIBER: 0x04,
  ALPHANUMERIC: 0x05,
  ABBREVIATED: 0x06,
} as const;

/** Numbering plan indicator (§5.2.6). */
export const NPI = {
  UNKNOWN: 0x00,
  ISDN: 0x01,
  DATA: 0x03,
  TELEX: 0x04,
  LAND_MOBILE: 0x06,
  NATIONAL: 0x08,
  PRIVATE: 0x09,
  ERMES: 0x0a,
  INTERNET: 0x0e,
  WAP: 0x12,
} as const;

/** Values of message_state (§5.2.28). */
export const MESSAGE_STATE = {
  ENROUTE: 1,
  DELIVERED: 2,
  EXPIRED: 3,
  DELETED: 4,
  UNDELIVERABLE: 5,
  ACCEPTED: 6,
  UNKNOWN: 7,
  REJECTED: 8,
} as const;
