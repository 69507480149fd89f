import { checkUint, writeCString, writeUint32 } from './bytes.ts';
import { type Command, commandByName, type PduInput, responseId } from './commands.ts';
import { HEADER_OCTETS } from './decode.ts';
import { MESSAGE_BODY_MAX_OCTETS, type MessageInput, writeMessageBody } from './hot.ts';
import { type Tlvs, tlvsSize, writeTlvs } from './tlvs.ts';

/** Encodes one PDU into a buffer of its own; throws EncodeError for a value that does not fit its field. */
export function encodePdu(pdu: PduInput): Buffer {
  const writer = new PduWriter(HEADER_OCTETS);
  writer.add(pdu);
  return writer.take();
}

/** Octets of the slab a writer starts with; about 400 submit_sm fit. */
const SLAB_OCTETS = 64 * 1024;

const MESSAGE_ID_MAX_OCTETS = 65;

/**
 * Encodes many PDUs one behind the other, so that they leave in one socket write. The slab it writes to is used
 * again from its start once the owner says, with recycle(), that everything taken has left.
 */
export class PduWriter {
  #slab: Buffer;
  #taken = 0;
  #at = 0;

  constructor(slabOctets: number = SLAB_OCTETS) {
    this.#slab = Buffer.allocUnsafeSlow(slabOctets);
  }

  /** Octets written and not yet taken. */
  get pending(): number {
    return this.#at - this.#taken;
  }

  /** What was written since the last take(), as one buffer; it stays valid until recycle(). */
  take(): Buffer {
    const bytes = this.#slab.subarray(this.#taken, this.#at);
    this.#taken = this.#at;
    return bytes;
  }

  /** Tells that no taken buffer is in use any more. */
  recycle(): void {
    if (this.#taken === this.#at) {
      this.#taken = 0;
      this.#at = 0;
    }
  }

  /** Remembers a position to come back to when a batch turns out not to be encodable. */
  mark(): number {
    return this.pending;
  }

  /** Forgets what was written since mark(). */
  rewind(mark: number): void {
    this.#at = this.#taken + mark;
  }

  /** Writes one PDU; on EncodeError nothing of it stays. */
  add(pdu: PduInput): void {
    if (pdu.command !== 'submit_sm' && pdu.command !== 'deliver_sm') {
      this.addByTable(pdu);
      return;
    }
    const { status = 0, sequence = 0 } = pdu;
    checkUint(status, 4, 'status');
    checkUint(sequence, 4, 'sequence');
    this.message(pdu.command === 'submit_sm' ? 0x04 : 0x05, status, sequence, pdu);
  }

  /** Writes a submit_sm (id 4) or deliver_sm (id 5) by the hot path. */
  message(id: 0x04 | 0x05, status: number, sequence: number, body: MessageInput): void {
    const tlvs = body.tlvs;
    const start = this.#reserve(HEADER_OCTETS + MESSAGE_BODY_MAX_OCTETS + (tlvs === undefined ? 0 : tlvsSize(tlvs)));
    let at = writeMessageBody(this.#slab, start + HEADER_OCTETS, body);
    if (tlvs !== undefined) at = writeTlvs(this.#slab, at, tlvs);
    this.#finish(start, at, id, status, sequence);
  }

  /** Writes a submit_sm_resp or deliver_sm_resp by the hot path; an error's submit_sm_resp has no body (§4.4.2). */
  messageResp(requestId: 0x04 | 0x05, status: number, sequence: number, messageId: string): void {
    const start = this.#reserve(HEADER_OCTETS + MESSAGE_ID_MAX_OCTETS);
    let at = start + HEADER_OCTETS;
    if (status === 0 || requestId === 0x05) {
      at = writeCString(this.#slab, at, messageId, MESSAGE_ID_MAX_OCTETS, 'message_id');
    }
    this.#finish(start, at, responseId(requestId), status, sequence);
  }

  /** Writes a PDU without body: enquire_link, unbind, their responses, generic_nack, or a bare refusal. */
  bare(id: number, status: number, sequence: number): void {
    const start = this.#reserve(HEADER_OCTETS);
    this.#finish(start, start + HEADER_OCTETS, id, status, sequence);
  }

  /** Writes octets as they are, PDUs or not. */
  octets(octets: Uint8Array): void {
    const start = this.#reserve(octets.length);
    this.#slab.set(octets, start);
    this.#at = start + octets.length;
  }

  /** Writes a PDU by the tables alone, whatever hot path there is. */
  addByTable(pdu: PduInput): void {
    this.#byTable(commandByName(pdu.command), pdu);
  }

  #byTable(command: Command, pdu: PduInput): void {
    const status = pdu.status ?? 0;
    const sequence = pdu.sequence ?? 0;
    checkUint(status, 4, 'status');
    checkUint(sequence, 4, 'sequence');
    if (status !== 0 && command.bodilessOnError) {
      this.bare(command.id, status, sequence);
      return;
    }
    const body = pdu as unknown as Record<string, unknown>;
    const tlvs = (pdu as { tlvs?: Tlvs }).tlvs;
    let size = HEADER_OCTETS + (tlvs === undefined ? 0 : tlvsSize(tlvs));
    for (const field of command.fields) size += field.size(body[field.name] ?? field.empty());
    const start = this.#reserve(size);
    let at = start + HEADER_OCTETS;
    for (const field of command.fields) at = field.write(this.#slab, at, body[field.name] ?? field.empty());
    if (tlvs !== undefined) at = writeTlvs(this.#slab, at, tlvs);
    this.#finish(start, at, command.id, status, sequence);
  }

  /** Makes room behind what is written; what was not taken yet moves along, what was taken stays where it is. */
  #reserve(octets: number): number {
    if (this.#at + octets > this.#slab.length) {
      const pending = this.pending;
      const next = Buffer.allocUnsafeSlow(Math.max(this.#slab.length, 2 * pending + octets));
      this.#slab.copy(next, 0, this.#taken, this.#at);
      this.#slab = next;
      this.#taken = 0;
      this.#at = pending;
    }
    return this.#at;
  }

  #finish(start: number, end: number, id: number, status: number, sequence: number): void {
    const slab = this.#slab;
    writeUint32(slab, start, end - start);
    writeUint32(slab, start + 4, id);
    writeUint32(slab, start + 8, status);
    writeUint32(slab, start + 12, sequence);
    this.#at = end;
  }
}
