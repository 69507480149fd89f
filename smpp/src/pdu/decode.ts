import { Reader, readUint32 } from './bytes.ts';
import { type Command, commandById, isResponseId, type Pdu } from './commands.ts';
import { readMessage, readMessageResp } from './hot.ts';
import { STATUS } from './statuses.ts';
import { readTlvs } from './tlvs.ts';

/** Octets of the header every PDU starts with (§3.2). */
export const HEADER_OCTETS = 16;

/** A PDU that cannot be understood: what its header said, and what to answer. */
export class DecodeError {
  readonly commandId: number;
  /** The name behind commandId, when there is one. */
  readonly command: Command | undefined;
  readonly sequence: number;
  /** command_status as it stood in the header; meaningful for responses. */
  readonly headerStatus: number;
  /** The status to answer a request with (§5.1.3). */
  readonly status: number;
  /** What is wrong, in words, for the log. */
  readonly reason: string;

  constructor(commandId: number, sequence: number, headerStatus: number, status: number, reason: string) {
    this.commandId = commandId;
    this.command = commandById(commandId);
    this.sequence = sequence;
    this.headerStatus = headerStatus;
    this.status = status;
    this.reason = reason;
  }

  /** Whether the PDU claims to be a response: those are never answered. */
  get isResponse(): boolean {
    return isResponseId(this.commandId);
  }
}

const reader = new Reader(Buffer.alloc(0), 0, 0);

/**
 * Decodes one PDU that lies at buffer[start, end). Never throws; octet strings of the result are views into the
 * buffer. A command that takes optional parameters keeps unknown ones (§3.3).
 */
export function decodePdu(buffer: Buffer, start = 0, end = buffer.length): Pdu | DecodeError {
  if (end - start < HEADER_OCTETS) {
    return new DecodeError(0, 0, 0, STATUS.ESME_RINVCMDLEN, `${end - start} octets are no header`);
  }
  const id = readUint32(buffer, start + 4);
  const status = readUint32(buffer, start + 8);
  const sequence = readUint32(buffer, start + 12);
  if (readUint32(buffer, start) !== end - start) {
    return new DecodeError(id, sequence, status, STATUS.ESME_RINVCMDLEN, 'command_length is not the length');
  }
  reader.reset(buffer, start + HEADER_OCTETS, end);
  const pdu = decodeBody(id, status, sequence);
  if (pdu === undefined) {
    return new DecodeError(id, sequence, status, STATUS.ESME_RINVCMDID, 'no command has this id');
  }
  if (reader.faultStatus === 0) return pdu;
  return new DecodeError(id, sequence, status, reader.faultStatus, reader.faultReason);
}

function decodeBody(id: number, status: number, sequence: number): Pdu | undefined {
  switch (id) {
    case 0x00000004:
      return readMessage('submit_sm', status, sequence, reader);
    case 0x00000005:
      return readMessage('deliver_sm', status, sequence, reader);
    case 0x80000004:
      return readMessageResp('submit_sm_resp', status, sequence, reader);
    case 0x80000005:
      return readMessageResp('deliver_sm_resp', status, sequence, reader);
    default: {
      const command = commandById(id);
      return command && decodeByTable(command, status, sequence, reader);
    }
  }
}

/** Decodes a body by the tables alone; contradictions are left in the reader. */
export function decodeByTable(command: Command, status: number, sequence: number, from: Reader): Pdu {
  const pdu: Record<string, unknown> = { command: command.name, status, sequence };
  // Responses that report an error may come without body (§4.1.2, §4.4.2), and many SMSCs send others bare, too.
  const bodiless = command.isResponse && from.at === from.end;
  for (const field of command.fields) pdu[field.name] = bodiless ? field.empty() : field.read(from);
  pdu.tlvs = from.at < from.end ? readTlvs(from, command.tlvs) : undefined;
  return pdu as unknown as Pdu;
}
