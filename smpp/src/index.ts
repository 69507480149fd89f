export { BindError, type EsmeOptions, EsmeSession } from './esme.ts';
export { DEFAULT_MAX_PDU_OCTETS, Framer, type FrameSink } from './framer.ts';
export { type Clock, ManualClock, systemClock, type Timer } from './lib/clock.ts';
export { EncodeError } from './pdu/bytes.ts';
export {
  type BodyInput,
  type BodyOf,
  COMMANDS,
  type CommandName,
  type DeliverSm,
  type MessageRequestInput,
  type MessageRequestPdu,
  type NoticePdu,
  type Pdu,
  type PduInput,
  type PduInputOf,
  type PduOf,
  type RequestName,
  type RequestPdu,
  type ResponseName,
  type ResponsePdu,
  type Role,
  type SessionState,
  type SubmitSm,
} from './pdu/commands.ts';
export { DATA_CODING, ESM_CLASS, MESSAGE_STATE, NPI, REGISTERED_DELIVERY, TON } from './pdu/constants.ts';
export { DecodeError, decodePdu, HEADER_OCTETS } from './pdu/decode.ts';
export { encodePdu, PduWriter } from './pdu/encode.ts';
export { type Destination, SHORT_MESSAGE_MAX_OCTETS, type UnsuccessfulDelivery } from './pdu/fields.ts';
export { STATUS, type StatusName, statusCode, statusName } from './pdu/statuses.ts';
export { TLVS, type TlvName, type Tlvs, type UnknownTlv } from './pdu/tlvs.ts';
export {
  formatReceipt,
  isReceipt,
  messageState,
  parseReceipt,
  type Receipt,
  type ReceiptCarrier,
  type ReceiptInput,
  type ReceiptState,
} from './receipt.ts';
export { Session } from './session.ts';
export {
  type Answer,
  type BindType,
  type Bound,
  type CloseReason,
  DEFAULT_LIMITS,
  type InboundPdu,
  type LateResponse,
  type SessionEvents,
  type SessionOptions,
} from './session-contract.ts';
export { type Authenticate, type BindRequest, type SmscOptions, SmscServer, SmscSession } from './smsc.ts';
export type { TimerLimits } from './timers.ts';
export { MAX_SEQUENCE, type Pending, Window } from './window.ts';
