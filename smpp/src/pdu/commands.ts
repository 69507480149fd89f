import { cstring, destinations, type Field, shortMessage, uint, unsuccessfulDeliveries } from './fields.ts';
import { STATUS } from './statuses.ts';
import type { Tlvs } from './tlvs.ts';

/** Which end of a link a session is; also who may send a command (§2.3, table 2-1). */
export type Role = 'esme' | 'smsc';

/** Session states of §2.2; `closed` stands for a link that is gone. */
export type SessionState = 'open' | 'bound_tx' | 'bound_rx' | 'bound_trx' | 'closed';

/** What the tables say about one command. */
export interface CommandSpec {
  readonly id: number;
  /** The mandatory parameters, in wire order. */
  readonly fields: readonly Field[];
  /** Whether §4 lists optional parameters for it. */
  readonly tlvs: boolean;
  /** Table 2-1: who may send it, and in which states. Left out for responses, which follow their request. */
  readonly from?: readonly Role[];
  readonly states?: readonly SessionState[];
  /** The body is left out when command_status is not ESME_ROK (§4.1.2, §4.4.2). */
  readonly bodilessOnError?: true;
}

const ESME = ['esme'] as const;
const SMSC = ['smsc'] as const;
const BOTH = ['esme', 'smsc'] as const;
const OPEN = ['open'] as const;
const SENDING = ['bound_tx', 'bound_trx'] as const;
const RECEIVING = ['bound_rx', 'bound_trx'] as const;
const BOUND = ['bound_tx', 'bound_rx', 'bound_trx'] as const;

const MESSAGE_ID = [cstring('message_id', 65, 'ESME_RINVMSGID')] as const;

const SOURCE = [
  uint('source_addr_ton', 1),
  uint('source_addr_npi', 1),
  cstring('source_addr', 21, 'ESME_RINVSRCADR'),
] as const;

const BIND = [
  cstring('system_id', 16, 'ESME_RINVSYSID'),
  cstring('password', 9, 'ESME_RINVPASWD'),
  cstring('system_type', 13, 'ESME_RINVSYSTYP'),
  uint('interface_version', 1),
  uint('addr_ton', 1),
  uint('addr_npi', 1),
  cstring('address_range', 41, 'ESME_RINVPARLEN'),
] as const;

const BIND_RESP = [cstring('system_id', 16, 'ESME_RINVSYSID')] as const;

/** What submit_sm and submit_multi say about the message behind its addresses (tables 4-10 and 4-12). */
const MESSAGE = [
  uint('esm_class', 1),
  uint('protocol_id', 1),
  uint('priority_flag', 1),
  cstring('schedule_delivery_time', 17, 'ESME_RINVSCHED'),
  cstring('validity_period', 17, 'ESME_RINVEXPIRY'),
  uint('registered_delivery', 1),
  uint('replace_if_present_flag', 1),
  uint('data_coding', 1),
  uint('sm_default_msg_id', 1),
  shortMessage('short_message'),
] as const;

/** submit_sm and deliver_sm have the same body (tables 4-10 and 4-15). */
export const MESSAGE_BODY = [
  cstring('service_type', 6, 'ESME_RINVSERTYP'),
  ...SOURCE,
  uint('dest_addr_ton', 1),
  uint('dest_addr_npi', 1),
  cstring('destination_addr', 21, 'ESME_RINVDSTADR'),
  ...MESSAGE,
] as const;

const RESP = 0x80000000;

/** Every PDU of SMPP 3.4 §4, by its own name. */
export const COMMANDS = {
  generic_nack: { id: RESP, fields: [], tlvs: false },

  bind_receiver: { id: 0x01, fields: BIND, tlvs: false, from: ESME, states: OPEN },
  bind_receiver_resp: { id: RESP + 0x01, fields: BIND_RESP, tlvs: true, bodilessOnError: true },
  bind_transmitter: { id: 0x02, fields: BIND, tlvs: false, from: ESME, states: OPEN },
  bind_transmitter_resp: { id: RESP + 0x02, fields: BIND_RESP, tlvs: true, bodilessOnError: true },
  bind_transceiver: { id: 0x09, fields: BIND, tlvs: false, from: ESME, states: OPEN },
  bind_transceiver_resp: { id: RESP + 0x09, fields: BIND_RESP, tlvs: true, bodilessOnError: true },

  outbind: {
    id: 0x0b,
    fields: [cstring('system_id', 16, 'ESME_RINVSYSID'), cstring('password', 9, 'ESME_RINVPASWD')],
    tlvs: false,
    from: SMSC,
    states: OPEN,
  },

  unbind: { id: 0x06, fields: [], tlvs: false, from: BOTH, states: BOUND },
  unbind_resp: { id: RESP + 0x06, fields: [], tlvs: false },

  enquire_link: { id: 0x15, fields: [], tlvs: false, from: BOTH, states: BOUND },
  enquire_link_resp: { id: RESP + 0x15, fields: [], tlvs: false },

  submit_sm: { id: 0x04, fields: MESSAGE_BODY, tlvs: true, from: ESME, states: SENDING },
  submit_sm_resp: { id: RESP + 0x04, fields: MESSAGE_ID, tlvs: true, bodilessOnError: true },

  submit_multi: {
    id: 0x21,
    fields: [cstring('service_type', 6, 'ESME_RINVSERTYP'), ...SOURCE, destinations('dest_address'), ...MESSAGE],
    tlvs: true,
    from: ESME,
    states: SENDING,
  },
  submit_multi_resp: {
    id: RESP + 0x21,
    fields: [...MESSAGE_ID, unsuccessfulDeliveries('unsuccess_sme')],
    tlvs: true,
  },

  deliver_sm: { id: 0x05, fields: MESSAGE_BODY, tlvs: true, from: SMSC, states: RECEIVING },
  deliver_sm_resp: { id: RESP + 0x05, fields: MESSAGE_ID, tlvs: true },

  data_sm: {
    id: 0x103,
    fields: [
      cstring('service_type', 6, 'ESME_RINVSERTYP'),
      uint('source_addr_ton', 1),
      uint('source_addr_npi', 1),
      cstring('source_addr', 65, 'ESME_RINVSRCADR'),
      uint('dest_addr_ton', 1),
      uint('dest_addr_npi', 1),
      cstring('destination_addr', 65, 'ESME_RINVDSTADR'),
      uint('esm_class', 1),
      uint('registered_delivery', 1),
      uint('data_coding', 1),
    ],
    tlvs: true,
    from: BOTH,
    states: BOUND,
  },
  data_sm_resp: { id: RESP + 0x103, fields: MESSAGE_ID, tlvs: true },

  query_sm: { id: 0x03, fields: [...MESSAGE_ID, ...SOURCE], tlvs: false, from: ESME, states: SENDING },
  query_sm_resp: {
    id: RESP + 0x03,
    fields: [
      ...MESSAGE_ID,
      cstring('final_date', 17, 'ESME_RINVSCHED'),
      uint('message_state', 1),
      uint('error_code', 1),
    ],
    tlvs: false,
  },

  cancel_sm: {
    id: 0x08,
    fields: [
      cstring('service_type', 6, 'ESME_RINVSERTYP'),
      ...MESSAGE_ID,
      ...SOURCE,
      uint('dest_addr_ton', 1),
      uint('dest_addr_npi', 1),
      cstring('destination_addr', 21, 'ESME_RINVDSTADR'),
    ],
    tlvs: false,
    from: ESME,
    states: SENDING,
  },
  cancel_sm_resp: { id: RESP + 0x08, fields: [], tlvs: false },

  replace_sm: {
    id: 0x07,
    fields: [
      ...MESSAGE_ID,
      ...SOURCE,
      cstring('schedule_delivery_time', 17, 'ESME_RINVSCHED'),
      cstring('validity_period', 17, 'ESME_RINVEXPIRY'),
      uint('registered_delivery', 1),
      uint('sm_default_msg_id', 1),
      shortMessage('short_message'),
    ],
    tlvs: false,
    from: ESME,
    states: SENDING,
  },
  replace_sm_resp: { id: RESP + 0x07, fields: [], tlvs: false },

  alert_notification: {
    id: 0x102,
    fields: [
      uint('source_addr_ton', 1),
      uint('source_addr_npi', 1),
      cstring('source_addr', 65, 'ESME_RINVSRCADR'),
      uint('esme_addr_ton', 1),
      uint('esme_addr_npi', 1),
      cstring('esme_addr', 65, 'ESME_RINVDSTADR'),
    ],
    tlvs: true,
    from: SMSC,
    states: RECEIVING,
  },
} as const satisfies Record<string, CommandSpec>;

/** The name of a PDU of §4. */
export type CommandName = keyof typeof COMMANDS;

type FieldsOf<Name extends CommandName> = (typeof COMMANDS)[Name]['fields'][number];

/** What was read of a body: every mandatory parameter. */
export type BodyOf<Name extends CommandName> = {
  [F in FieldsOf<Name> as F['name']]: F extends Field<string, infer _Value, infer Read> ? Read : never;
};

/** What may be given for a body: absent parameters are sent as zero or empty. */
export type BodyInput<Name extends CommandName> = {
  [F in FieldsOf<Name> as F['name']]?: F extends Field<string, infer Value, infer _Read> ? Value : never;
} & { tlvs?: Tlvs };

/** A received PDU: header, mandatory parameters by their own names, optional ones in `tlvs`. */
export type PduOf<Name extends CommandName> = {
  command: Name;
  /** command_status (§5.1.3); 0 in requests. */
  status: number;
  /** sequence_number (§5.1.4). */
  sequence: number;
} & BodyOf<Name> & { tlvs?: Tlvs };

/** A PDU to encode. */
export type PduInputOf<Name extends CommandName> = {
  command: Name;
  status?: number;
  sequence?: number;
} & BodyInput<Name>;

/** Any received PDU; `command` tells which. */
export type Pdu = { [Name in CommandName]: PduOf<Name> }[CommandName];
/** Any PDU to encode. */
export type PduInput = { [Name in CommandName]: PduInputOf<Name> }[CommandName];

/** Commands that are answered by a response of their own. */
export type RequestName = {
  [Name in CommandName]: `${Name}_resp` extends CommandName ? Name : never;
}[CommandName];
/** Commands that answer a request; generic_nack answers any (§4.3). */
export type ResponseName = `${RequestName}_resp` | 'generic_nack';
/** Commands that nobody answers (§4.1.7, §4.12). */
export type NoticeName = Exclude<CommandName, RequestName | ResponseName>;

/** Requests about the session itself, which the session handles alone. */
export type LinkRequestName = 'bind_transmitter' | 'bind_receiver' | 'bind_transceiver' | 'unbind' | 'enquire_link';
/** Requests about messages. */
export type MessageRequestName = Exclude<RequestName, LinkRequestName>;

export type RequestPdu = { [Name in RequestName]: PduOf<Name> }[RequestName];
export type MessageRequestPdu = { [Name in MessageRequestName]: PduOf<Name> }[MessageRequestName];
export type MessageRequestInput = { [Name in MessageRequestName]: PduInputOf<Name> }[MessageRequestName];
export type ResponsePdu = { [Name in ResponseName]: PduOf<Name> }[ResponseName];
export type NoticePdu = { [Name in NoticeName]: PduOf<Name> }[NoticeName];

export type SubmitSm = PduOf<'submit_sm'>;
export type DeliverSm = PduOf<'deliver_sm'>;

/** A command with its name, as the codec walks it. */
export interface Command extends CommandSpec {
  readonly name: CommandName;
  readonly isResponse: boolean;
  /** The command_id of its response; undefined for responses and for notices, which nobody answers. */
  readonly respId: number | undefined;
}

const ENTRIES: readonly Command[] = Object.entries(COMMANDS).map(([name, spec]) => ({
  ...(spec as CommandSpec),
  name: name as CommandName,
  isResponse: isResponseId(spec.id),
  respId: `${name}_resp` in COMMANDS ? RESP + spec.id : undefined,
}));

const BY_ID: ReadonlyMap<number, Command> = new Map(ENTRIES.map((command) => [command.id, command]));
const BY_NAME: ReadonlyMap<string, Command> = new Map(ENTRIES.map((command) => [command.name, command]));

/** The command with this command_id, or undefined when §5.1.2.1 does not know it. */
export function commandById(id: number): Command | undefined {
  return BY_ID.get(id);
}

/** The command with this name. */
export function commandByName(name: CommandName): Command {
  return BY_NAME.get(name)!;
}

/** Bit 31 of command_id marks responses (§5.1.2). */
export function isResponseId(id: number): boolean {
  return id >= RESP;
}

/** The command_id of the response to a request. */
export function responseId(requestId: number): number {
  return requestId + RESP;
}

/**
 * Whether table 2-1 lets a peer send a command in a state: ESME_ROK, or the status to refuse it with. A bind where a
 * bind is complete already has a status of its own.
 */
export function refusalByState(command: Command, peer: Role, state: SessionState): number {
  if (command.from === undefined || command.states === undefined) return STATUS.ESME_ROK;
  if (!command.from.includes(peer)) return STATUS.ESME_RINVBNDSTS;
  if (command.states.includes(state)) return STATUS.ESME_ROK;
  return command.name.startsWith('bind_') ? STATUS.ESME_RALYBND : STATUS.ESME_RINVBNDSTS;
}
