import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPdu, pduOf, tlvs } from '../../test/arbitrary.ts';
import { EncodeError, Reader } from './bytes.ts';
import { COMMANDS, type CommandName, commandByName, type PduInput } from './commands.ts';
import { DecodeError, decodeByTable, decodePdu, HEADER_OCTETS } from './decode.ts';
import { encodePdu, PduWriter } from './encode.ts';
import { STATUS } from './statuses.ts';

const NAMES = Object.keys(COMMANDS) as CommandName[];
const HOT = ['submit_sm', 'deliver_sm', 'submit_sm_resp', 'deliver_sm_resp'] as const;

function byTable(pdu: PduInput): Buffer {
  const writer = new PduWriter();
  writer.addByTable(pdu);
  return writer.take();
}

function sameOctets(pdu: PduInput): void {
  expect(encodePdu(pdu)).toEqual(byTable(pdu));
}

describe('every command', () => {
  it.each(NAMES)('%s comes back from the wire as it went', (command) => {
    fc.assert(
      fc.property(pduOf(command), (pdu) => {
        expect(decodePdu(encodePdu(pdu))).toEqual(pdu);
      }),
      { numRuns: 60 },
    );
  });

  it.each(NAMES)('%s with nothing given is sent with zeros and empty strings', (command) => {
    const decoded = decodePdu(encodePdu({ command } as PduInput));
    expect(decoded).toMatchObject({ command, status: 0, sequence: 0 });
    for (const field of COMMANDS[command].fields) expect(decoded).toHaveProperty(field.name, field.empty());
  });

  it.each(NAMES)('%s cut short anywhere is an error with a status, or a shorter PDU, never an exception', (command) => {
    fc.assert(
      fc.property(pduOf(command), fc.nat(), (pdu, at) => {
        const wire = encodePdu(pdu);
        const cut = Buffer.from(wire.subarray(0, HEADER_OCTETS + (at % (wire.length - HEADER_OCTETS + 1))));
        cut.writeUInt32BE(cut.length, 0);
        const decoded = decodePdu(cut);
        if (decoded instanceof DecodeError) {
          expect(decoded.status).not.toBe(STATUS.ESME_ROK);
          expect(decoded.command?.name).toBe(command);
          expect(decoded.sequence).toBe(pdu.sequence);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the hot path', () => {
  it.each(HOT)('%s has the octets of the table', (command) => {
    fc.assert(fc.property(pduOf(command), sameOctets));
  });

  it.each(HOT)('%s with any of its parameters left out has the octets of the table', (command) => {
    const partial = fc
      .tuple(pduOf(command), fc.subarray(COMMANDS[command].fields.map((field) => field.name)))
      .map(([pdu, absent]) => {
        const rest: Record<string, unknown> = { ...pdu };
        for (const name of absent) delete rest[name];
        return rest as unknown as PduInput;
      });
    fc.assert(fc.property(partial, sameOctets));
  });

  it.each(HOT)('%s is read as the table reads it, garbage included', (command) => {
    const { id } = COMMANDS[command];
    const body = fc.oneof(
      pduOf(command).map((pdu) => encodePdu(pdu).subarray(HEADER_OCTETS)),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      fc.array(fc.constantFrom(0, 0, 0, 1, 65), { maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(body, (octets) => {
        const wire = Buffer.alloc(HEADER_OCTETS + octets.length);
        wire.writeUInt32BE(wire.length, 0);
        wire.writeUInt32BE(id, 4);
        octets.copy(wire, HEADER_OCTETS);
        const reader = new Reader(wire, HEADER_OCTETS, wire.length);
        const expected = decodeByTable(commandByName(command), 0, 0, reader);
        const decoded = decodePdu(wire);
        if (reader.faultStatus === 0) expect(decoded).toEqual(expected);
        else expect((decoded as DecodeError).status).toBe(reader.faultStatus);
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['submit_sm', 0x04],
    ['deliver_sm', 0x05],
  ] as const)('answers to %s have the octets of the table', (command, id) => {
    const statuses = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffffffff }));
    fc.assert(
      fc.property(
        statuses,
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.string({ maxLength: 20 }),
        (status, sequence, text) => {
          const message_id = text.replace(/[^\x20-\x7e]/g, '');
          const writer = new PduWriter();
          writer.messageResp(id, status, sequence, message_id);
          expect(writer.take()).toEqual(byTable({ command: `${command}_resp`, status, sequence, message_id }));
        },
      ),
    );
  });
});

describe('decodePdu', () => {
  const body = (command: CommandName, hex: string): Buffer => {
    const octets = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const wire = Buffer.alloc(HEADER_OCTETS + octets.length);
    wire.writeUInt32BE(wire.length, 0);
    wire.writeUInt32BE(COMMANDS[command].id, 4);
    wire.writeUInt32BE(77, 12);
    octets.copy(wire, HEADER_OCTETS);
    return wire;
  };
  const SUBMIT = (text: string) => `00 0000 00 0101 3100 000000 00 00 00000000 ${text}`;

  it.each<[string, keyof typeof STATUS, CommandName, string]>([
    ['a body that ends early', 'ESME_RINVCMDLEN', 'submit_sm', '00 00'],
    ['a string without its NUL', 'ESME_RINVCMDLEN', 'submit_sm', '41'],
    ['a service_type over 5', 'ESME_RINVSERTYP', 'submit_sm', '414141414141 00'],
    ['a source_addr over 20', 'ESME_RINVSRCADR', 'submit_sm', `00 0000 ${'31'.repeat(21)} 00`],
    ['a destination_addr over 20', 'ESME_RINVDSTADR', 'submit_sm', `00 0000 00 0101 ${'31'.repeat(21)} 00`],
    ['a schedule over 16', 'ESME_RINVSCHED', 'submit_sm', `00 0000 00 0101 3100 000000 ${'30'.repeat(17)} 00`],
    ['a validity over 16', 'ESME_RINVEXPIRY', 'submit_sm', `00 0000 00 0101 3100 000000 00 ${'30'.repeat(17)} 00`],
    ['an sm_length beyond the body', 'ESME_RINVMSGLEN', 'submit_sm', SUBMIT('05 41')],
    ['an sm_length of 255', 'ESME_RINVMSGLEN', 'submit_sm', SUBMIT(`ff ${'41'.repeat(255)}`)],
    ['octets behind the last parameter', 'ESME_RINVOPTPARSTREAM', 'submit_sm', SUBMIT('00 0204 00')],
    ['a parameter longer than the PDU', 'ESME_RINVOPTPARSTREAM', 'submit_sm', SUBMIT('00 0204 0002 01')],
    ['a parameter of the wrong length', 'ESME_RINVPARLEN', 'submit_sm', SUBMIT('00 0204 0001 01')],
    ['a receipted_message_id over 64', 'ESME_RINVPARLEN', 'submit_sm', SUBMIT(`00 001e 0041 ${'41'.repeat(65)}`)],
    ['a parameter where none is allowed', 'ESME_ROPTPARNOTALLWD', 'enquire_link', '0204 0002 0001'],
    ['octets behind a body without parameters', 'ESME_RINVOPTPARSTREAM', 'unbind', '00'],
    ['a system_id over 15', 'ESME_RINVSYSID', 'bind_transceiver', `${'41'.repeat(16)} 00`],
    ['a password over 8', 'ESME_RINVPASWD', 'bind_transceiver', `00 ${'41'.repeat(9)} 00`],
    ['a system_type over 12', 'ESME_RINVSYSTYP', 'bind_transceiver', `00 00 ${'41'.repeat(13)} 00`],
    ['a message_id over 64', 'ESME_RINVMSGID', 'query_sm', `${'41'.repeat(65)} 00`],
    ['a dest_flag of 3', 'ESME_RINVDESTFLAG', 'submit_multi', '00 0000 00 01 03'],
    ['255 destinations', 'ESME_RINVNUMDESTS', 'submit_multi', '00 0000 00 ff'],
    ['a dl_name over 20', 'ESME_RINVDLNAME', 'submit_multi', `00 0000 00 01 02 ${'41'.repeat(21)} 00`],
    ['a list that ends early', 'ESME_RINVCMDLEN', 'submit_multi', '00 0000 00 02 01 0101 3100'],
    ['a failed destination without status', 'ESME_RINVCMDLEN', 'submit_multi_resp', '4100 01 0101 3100 0000'],
  ])('%s is %s', (_, status, command, hex) => {
    const error = decodePdu(body(command, hex));
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).toMatchObject({ status: STATUS[status], commandId: COMMANDS[command].id, sequence: 77 });
  });

  it('knows no command 0x00000099', () => {
    const error = decodePdu(Buffer.from('00000010 00000099 00000000 00000007'.replaceAll(' ', ''), 'hex'));
    expect(error).toMatchObject({ status: STATUS.ESME_RINVCMDID, commandId: 0x99, sequence: 7, command: undefined });
  });

  it('does not believe a command_length that is not the length', () => {
    const wire = Buffer.concat([encodePdu({ command: 'enquire_link', sequence: 5 }), Buffer.alloc(4)]);
    expect(decodePdu(wire)).toMatchObject({ status: STATUS.ESME_RINVCMDLEN, sequence: 5 });
    expect(decodePdu(wire.subarray(0, 9))).toMatchObject({ status: STATUS.ESME_RINVCMDLEN });
  });

  it('takes responses without body, whatever their status', () => {
    for (const name of NAMES.filter((each) => commandByName(each).isResponse)) {
      expect(decodePdu(body(name, ''))).toMatchObject({ command: name, sequence: 77 });
    }
  });

  it('keeps parameters it does not know, on every command, and sends them unchanged', () => {
    const wire = body('enquire_link', '1501 0003 010203');
    const pdu = decodePdu(wire);
    expect(pdu).toMatchObject({ tlvs: { unknown: [{ tag: 0x1501, value: Buffer.from([1, 2, 3]) }] } });
    expect(encodePdu(pdu as PduInput)).toEqual(wire);
  });

  it('keeps a second occurrence of a single parameter with the unknown ones', () => {
    const wire = body('submit_sm', SUBMIT('00 0204 0002 0001 0204 0002 0002'));
    const pdu = decodePdu(wire);
    expect(pdu).toMatchObject({
      tlvs: { user_message_reference: 1, unknown: [{ tag: 0x0204, value: Buffer.from([0, 2]) }] },
    });
    expect(encodePdu(pdu as PduInput)).toEqual(wire);
  });

  it('reads a receipted_message_id without its NUL', () => {
    expect(decodePdu(body('deliver_sm', SUBMIT('00 001e 0003 616263')))).toMatchObject({
      tlvs: { receipted_message_id: 'abc' },
    });
  });

  it('never throws on any octets', () => {
    const ids = fc.oneof(fc.constantFrom(...NAMES.map((name) => COMMANDS[name].id)), fc.nat());
    fc.assert(
      fc.property(ids, fc.uint8Array({ maxLength: 120 }), (id, octets) => {
        const wire = Buffer.alloc(HEADER_OCTETS + octets.length);
        wire.writeUInt32BE(wire.length, 0);
        wire.writeUInt32BE(id, 4);
        wire.set(octets, HEADER_OCTETS);
        decodePdu(wire);
        decodePdu(Buffer.from(octets));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('encoding', () => {
  it.each<[string, PduInput]>([
    ['an address over 20', { command: 'submit_sm', destination_addr: '1'.repeat(21) }],
    ['an address with NUL', { command: 'submit_sm', destination_addr: '1\x002' }],
    ['an address beyond Latin-1', { command: 'deliver_sm', source_addr: '漢字' }],
    ['a text over 254', { command: 'submit_sm', short_message: Buffer.alloc(255) }],
    ['a text string beyond Latin-1', { command: 'submit_sm', short_message: '漢字' }],
    ['an octet of 256', { command: 'submit_sm', esm_class: 256 }],
    ['an octet of -1', { command: 'submit_sm', data_coding: -1 }],
    ['an octet of 1.5', { command: 'submit_sm', data_coding: 1.5 }],
    ['an octet that is no number', { command: 'query_sm', source_addr_ton: Number.NaN }],
    ['a password over 8', { command: 'bind_transceiver', password: 'x'.repeat(9) }],
    ['a negative sequence', { command: 'submit_sm', sequence: -1 }],
    ['a status beyond 32 bits', { command: 'query_sm_resp', status: 2 ** 32 }],
    ['a parameter out of range', { command: 'submit_sm', tlvs: { sar_total_segments: 256 } }],
    ['a parameter too short', { command: 'submit_sm', tlvs: { network_error_code: Buffer.alloc(2) } }],
    ['a parameter string too long', { command: 'deliver_sm', tlvs: { receipted_message_id: 'x'.repeat(65) } }],
    ['a parameter nobody knows', { command: 'submit_sm', tlvs: { colour: 1 } as object }],
    [
      'an unknown tag beyond 16 bits',
      { command: 'submit_sm', tlvs: { unknown: [{ tag: 65536, value: Buffer.alloc(0) }] } },
    ],
    ['255 destinations', { command: 'submit_multi', dest_address: Array(255).fill({ dl_name: 'a' }) }],
    [
      'a list entry out of range',
      { command: 'submit_multi', dest_address: [{ dest_addr_ton: 300, dest_addr_npi: 0, destination_addr: '1' }] },
    ],
  ])('refuses %s', (_, pdu) => {
    expect(() => encodePdu(pdu)).toThrow(EncodeError);
  });

  it('takes octets as a Latin-1 string, too', () => {
    const asString = encodePdu({ command: 'submit_sm', short_message: 'h\u00e9 \u0000\u00ff' });
    expect(asString).toEqual(
      encodePdu({ command: 'submit_sm', short_message: Buffer.from([0x68, 0xe9, 0x20, 0, 0xff]) }),
    );
  });

  it('leaves out the body of a refused submit_sm and bind', () => {
    const refused = { status: STATUS.ESME_RTHROTTLED, sequence: 3 };
    expect(encodePdu({ command: 'submit_sm_resp', ...refused, message_id: 'abc' })).toHaveLength(HEADER_OCTETS);
    expect(encodePdu({ command: 'bind_receiver_resp', ...refused, system_id: 'abc' })).toHaveLength(HEADER_OCTETS);
    expect(encodePdu({ command: 'data_sm_resp', ...refused })).toHaveLength(HEADER_OCTETS + 1);
  });
});

describe('PduWriter', () => {
  it('writes many PDUs one behind the other, whatever is taken in between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyPdu, fc.boolean(), fc.boolean()), { maxLength: 30 }), (steps) => {
        const writer = new PduWriter(64);
        const taken: Buffer[] = [];
        for (const [pdu, take, recycle] of steps) {
          writer.add(pdu);
          if (!take) continue;
          // A recycled slab is written over, so what was taken is copied first, as the kernel does.
          taken.push(Buffer.from(writer.take()));
          if (recycle) writer.recycle();
        }
        taken.push(Buffer.from(writer.take()));
        expect(Buffer.concat(taken)).toEqual(Buffer.concat(steps.map(([pdu]) => encodePdu(pdu))));
      }),
    );
  });

  it('leaves what was taken untouched until it is told to recycle', () => {
    const writer = new PduWriter(64);
    writer.add({ command: 'enquire_link', sequence: 1 });
    const first = writer.take();
    for (let sequence = 2; sequence < 50; sequence++) writer.add({ command: 'enquire_link', sequence });
    expect(first).toEqual(encodePdu({ command: 'enquire_link', sequence: 1 }));
  });

  it('keeps nothing of a PDU it refuses', () => {
    const writer = new PduWriter();
    writer.add({ command: 'enquire_link', sequence: 1 });
    expect(() => writer.add({ command: 'submit_sm', destination_addr: '漢' })).toThrow(EncodeError);
    expect(() => writer.add({ command: 'query_sm', message_id: '漢' })).toThrow(EncodeError);
    expect(() => writer.add({ command: 'deliver_sm', tlvs: { receipted_message_id: '漢' } })).toThrow(EncodeError);
    expect(writer.take()).toEqual(encodePdu({ command: 'enquire_link', sequence: 1 }));
  });

  it('writes the parameters in the order they are given', () => {
    fc.assert(
      fc.property(tlvs, (given) => {
        const pdu = decodePdu(encodePdu({ command: 'data_sm', tlvs: given as object }));
        expect(Object.keys((pdu as { tlvs?: object }).tlvs ?? {})).toEqual(Object.keys(given));
      }),
      { numRuns: 50 },
    );
  });
});
