/** What transactions tell other processes that write to the store. */
export interface NoticeTable {
  /**
   * Tells them something with the running transaction, and sweeps some of what everybody has had time to read.
   * @param process who tells it
   * @param sweepBefore what was told before this time may go
   */
  add(process: string, body: string, at: number, sweepBefore: number): Promise<void>;
}
