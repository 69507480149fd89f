/** One carrier contract: where to send, how fast, as whom. */
export interface Channel {
  id: number;
  name: string;
  kind: 'smpp';
  enabled: boolean;
  smpp: SmppSettings;
  createdAt: number;
  updatedAt: number;
}

/**
 * The built-in simulator's channel. It is never stored: it stands in for a carrier while there has never been a channel,
 * and nothing it takes reaches a phone.
 */
export const SIMULATOR_CHANNEL_ID = 0;

/** Whether a message of this channel only went to the built-in simulator. */
export const isSimulated = (channelId: number | null): boolean => channelId === SIMULATOR_CHANNEL_ID;

/** How to reach a carrier over SMPP 3.4. */
export interface SmppSettings {
  host: string;
  port: number;
  systemId: string;
  password: string;
  systemType: string;
  /** Sender shown to recipients; empty: the carrier's default. */
  sender: string;
  /** submit_sm in flight on the bind. */
  window: number;
  /** Whether delivery reports are asked for. */
  receipts: boolean;
  responseTimeoutMs: number;
  enquireLinkMs: number;
}

export const DEFAULT_SMPP_SETTINGS = {
  systemType: '',
  sender: '',
  window: 100,
  receipts: true,
  responseTimeoutMs: 30_000,
  enquireLinkMs: 30_000,
} as const;

export const CHANNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** SMPP 3.4 §4.1: lengths of the bind's texts, without their terminating zero. */
export const SMPP_LIMITS = { systemId: 15, password: 8, systemType: 12, sender: 20, window: 10_000 } as const;
