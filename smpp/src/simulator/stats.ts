/** What a simulator has counted since it started. */
export interface Stats {
  /** submit_sm received, refused ones included. */
  submits: number;
  accepted: number;
  refused: number;
  /** Of those refused: by the throttle. */
  throttled: number;
  receiptsSent: number;
  /** Receipts the ESME has taken. */
  receiptsAnswered: number;
  /** Deliveries sent again, because their link was lost or no answer came. */
  receiptsRepeated: number;
  /** Receipts the ESME refused for good, and those that did not fit into memory. */
  receiptsDropped: number;
  /** Handset messages, sent and taken. */
  inboundSent: number;
  inboundAnswered: number;
  binds: number;
  /** Binds of a system_id that had bound before. */
  reconnects: number;
  /** Links the simulator has cut by its knobs. */
  linksDropped: number;
}

/** Counters that stand at zero. */
export function newStats(): Stats {
  return {
    submits: 0,
    accepted: 0,
    refused: 0,
    throttled: 0,
    receiptsSent: 0,
    receiptsAnswered: 0,
    receiptsRepeated: 0,
    receiptsDropped: 0,
    inboundSent: 0,
    inboundAnswered: 0,
    binds: 0,
    reconnects: 0,
    linksDropped: 0,
  };
}
