const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /^content-length: *(\d+) *\r$/im;

/**
 * Reads the answers of one HTTP/1.1 connection, as far as a load generator needs them: status, and where each ends
 * (RFC 9112 §6.3: by Content-Length, or at once for 204).
 */
export class AnswerReader {
  #rest: Buffer | null = null;

  /** Takes what has been read from the socket; returns the statuses of the answers that are whole now. */
  take(chunk: Buffer): number[] {
    let octets = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = null;
    const statuses: number[] = [];
    while (octets.length > 0) {
      const headEnd = octets.indexOf(HEAD_END);
      if (headEnd < 0) break;
      const head = octets.toString('latin1', 0, headEnd + 2);
      const status = Number(head.slice(9, 12));
      const length = LENGTH.exec(head);
      if (length === null && status !== 204) throw new Error(`an answer without Content-Length: ${head}`);
      const end = headEnd + HEAD_END.length + Number(length?.[1] ?? 0);
      if (octets.length < end) break;
      statuses.push(status);
      octets = octets.subarray(end);
    }
    if (octets.length > 0) this.#rest = octets;
    return statuses;
  }
}
