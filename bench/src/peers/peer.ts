/** What a peer is given to start with. */
export interface PeerSetting {
  /** An empty directory of its own. */
  dir: string;
  smscPort: number;
  /** Null: receipts are not asked for. */
  sinkPort: number | null;
  numbersPerRequest: number;
}

/** A peer that is up: where to send, what it costs, whether its books are right. */
export interface RunningPeer {
  port: number;
  /** One HTTP request with a placeholder for each number. */
  request: string;
  /** Its processes by name. */
  pids: Record<string, number>;
  /** Whether all it has promised is done and booked. @throws Error saying what is wrong */
  check(messages: number): Promise<void>;
  stop(): Promise<void>;
}

/** A gateway that can be measured. */
export interface Peer {
  name: string;
  start(setting: PeerSetting): Promise<RunningPeer>;
}

/** What phones would show; each peer sends exactly these characters, UCS-2, in one segment. */
export const TEXT = '【Signet】Your parcel has arrived. Thank you.';
/** Messages that may be unanswered on the SMPP link. */
export const WINDOW = 100;
export const SENDER = '10690000';
