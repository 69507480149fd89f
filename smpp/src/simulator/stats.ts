/** What a simulator has counted since it started. */
export interface Stats {
  /** submit_sm received, refused ones included. */
  submits: number;
  accepted: number;
  refused: number;
  /** Of those refused: by the throttle. */
  throttled: number;
  /** The most submit_sm that came in any one second, wherever it begins. */
  peakPerSecond: number;
  receiptsSent: number;
  /** Receipts the ESME has taken. */
  receiptsAnswered: number;
  /** Deliveries sent again, because their link was lost or no answer came. */
  receiptsRepeated: number;
  /** Receipts the ESME refused for good, and those that did not fit into memory. */
  receiptsDropped: number;
  /** Receipts sent before the submit_sm_resp that they belong to, late ones, and repetitions, as the knobs ask for. */
  receiptsEarly: number;
  receiptsLate: number;
  receiptsDuplicated: number;
  /** Handset messages, sent and taken. */
  inboundSent: number;
  inboundAnswered: number;
  binds: number;
  /** Binds of a system_id that had bound before. */
  reconnects: number;
  /** Links the simulator has cut by its knobs. */
  linksDropped: number;
  /** Links that were left open without another word. */
  linksMuted: number;
  /** Pieces of garbage that were sent. */
  garbageSent: number;
}

/** Counters that stand at zero. */
export function newStats(): Stats {
  return {
    submits: 0,
    accepted: 0,
    refused: 0,
    throttled: 0,
    peakPerSecond: 0,
    receiptsSent: 0,
    receiptsAnswered: 0,
    receiptsRepeated: 0,
    receiptsDropped: 0,
    receiptsEarly: 0,
    receiptsLate: 0,
    receiptsDuplicated: 0,
    inboundSent: 0,
    inboundAnswered: 0,
    binds: 0,
    reconnects: 0,
    linksDropped: 0,
    linksMuted: 0,
    garbageSent: 0,
  };
}
