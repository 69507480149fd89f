import { describe, expect, it } from 'vitest';
import { COMMANDS, type PduInput } from './commands.ts';
import { decodePdu } from './decode.ts';
import { encodePdu } from './encode.ts';

const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

/** Octets written down by hand from the tables of §4, a PDU of each kind. */
const VECTORS: [PduInput, string][] = [
  [
    {
      command: 'bind_transmitter',
      sequence: 1,
      system_id: 'SMPP3TEST',
      password: 'secret08',
      system_type: 'SUBMIT1',
      interface_version: 0x34,
      addr_ton: 1,
      addr_npi: 1,
      address_range: '',
    },
    `0000002f 00000002 00000000 00000001 ${ascii('SMPP3TEST')}00 ${ascii('secret08')}00 ${ascii('SUBMIT1')}00 34 01 01 00`,
  ],
  [
    { command: 'bind_transmitter_resp', sequence: 1, system_id: 'SMSC', tlvs: { sc_interface_version: 0x34 } },
    `0000001a 80000002 00000000 00000001 ${ascii('SMSC')}00 0210 0001 34`,
  ],
  [
    { command: 'bind_receiver', sequence: 2, system_id: 'a', password: 'b', address_range: '^1555' },
    `0000001e 00000001 00000000 00000002 6100 6200 00 00 00 00 ${ascii('^1555')}00`,
  ],
  [{ command: 'bind_receiver_resp', status: 0x0e, sequence: 2 }, '00000010 80000001 0000000e 00000002'],
  [
    { command: 'bind_transceiver', sequence: 3, system_id: 'esme', interface_version: 0x34 },
    `0000001b 00000009 00000000 00000003 ${ascii('esme')}00 00 00 34 00 00 00`,
  ],
  [{ command: 'bind_transceiver_resp', sequence: 3, system_id: 'S' }, '00000012 80000009 00000000 00000003 5300'],
  [
    { command: 'outbind', sequence: 4, system_id: 'smsc', password: 'pw' },
    `00000018 0000000b 00000000 00000004 ${ascii('smsc')}00 ${ascii('pw')}00`,
  ],
  [{ command: 'unbind', sequence: 5 }, '00000010 00000006 00000000 00000005'],
  [{ command: 'unbind_resp', sequence: 5 }, '00000010 80000006 00000000 00000005'],
  [{ command: 'enquire_link', sequence: 6 }, '00000010 00000015 00000000 00000006'],
  [{ command: 'enquire_link_resp', sequence: 6 }, '00000010 80000015 00000000 00000006'],
  [{ command: 'generic_nack', status: 3, sequence: 7 }, '00000010 80000000 00000003 00000007'],
  [
    {
      command: 'submit_sm',
      sequence: 8,
      service_type: 'CMT',
      source_addr_ton: 5,
      source_addr_npi: 0,
      source_addr: 'Signet',
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: '8613800138000',
      esm_class: 0x40,
      protocol_id: 0,
      priority_flag: 1,
      schedule_delivery_time: '',
      validity_period: '000001000000000R',
      registered_delivery: 1,
      replace_if_present_flag: 0,
      data_coding: 8,
      sm_default_msg_id: 0,
      short_message: Buffer.from([5, 0, 3, 9, 2, 1, 0x4f, 0x60]),
      tlvs: { user_message_reference: 0x1234, unknown: [{ tag: 0x1400, value: Buffer.from([0xff]) }] },
    },
    `0000005a 00000004 00000000 00000008 ${ascii('CMT')}00 05 00 ${ascii('Signet')}00 01 01 ${ascii('8613800138000')}00
     40 00 01 00 ${ascii('000001000000000R')}00 01 00 08 00 08 050003090201 4f60 0204 0002 1234 1400 0001 ff`,
  ],
  [
    { command: 'submit_sm_resp', sequence: 8, message_id: '5f0a' },
    `00000015 80000004 00000000 00000008 ${ascii('5f0a')}00`,
  ],
  [{ command: 'submit_sm_resp', status: 0x58, sequence: 8 }, '00000010 80000004 00000058 00000008'],
  [
    {
      command: 'submit_multi',
      sequence: 9,
      source_addr: '1',
      dest_address: [{ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '15550100' }, { dl_name: 'staff' }],
      short_message: Buffer.from('hi'),
    },
    `00000035 00000021 00000000 00000009 00 00 00 3100 02 01 01 01 ${ascii('15550100')}00 02 ${ascii('staff')}00
     00 00 00 00 00 00 00 00 00 02 6869`,
  ],
  [
    {
      command: 'submit_multi_resp',
      sequence: 9,
      message_id: 'm',
      unsuccess_sme: [{ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '15550100', error_status_code: 0x0b }],
    },
    `00000022 80000021 00000000 00000009 6d00 01 01 01 ${ascii('15550100')}00 0000000b`,
  ],
  [
    {
      command: 'deliver_sm',
      sequence: 10,
      source_addr: '2',
      destination_addr: '3',
      esm_class: 4,
      short_message: Buffer.from('id:7'),
      tlvs: { receipted_message_id: '7', message_state: 2, network_error_code: Buffer.from([3, 0, 0]) },
    },
    `00000039 00000005 00000000 0000000a 00 00 00 3200 00 00 3300 04 00 00 00 00 00 00 00 00 04 ${ascii('id:7')}
     001e 0002 3700 0427 0001 02 0423 0003 030000`,
  ],
  [{ command: 'deliver_sm_resp', sequence: 10 }, '00000011 80000005 00000000 0000000a 00'],
  [
    {
      command: 'data_sm',
      sequence: 11,
      source_addr: '1',
      destination_addr: '2',
      registered_delivery: 1,
      data_coding: 4,
      tlvs: { message_payload: Buffer.from('hello') },
    },
    `00000025 00000103 00000000 0000000b 00 00 00 3100 00 00 3200 00 01 04 0424 0005 ${ascii('hello')}`,
  ],
  [
    { command: 'data_sm_resp', status: 0xfe, sequence: 11, message_id: '', tlvs: { delivery_failure_reason: 1 } },
    '00000016 80000103 000000fe 0000000b 00 0425 0001 01',
  ],
  [
    { command: 'query_sm', sequence: 12, message_id: 'ab', source_addr_ton: 1, source_addr: '5' },
    '00000017 00000003 00000000 0000000c 616200 01 00 3500',
  ],
  [
    {
      command: 'query_sm_resp',
      sequence: 12,
      message_id: 'ab',
      final_date: '211122120000000+',
      message_state: 2,
      error_code: 0,
    },
    `00000026 80000003 00000000 0000000c 616200 ${ascii('211122120000000+')}00 02 00`,
  ],
  [
    { command: 'cancel_sm', sequence: 13, message_id: 'ab', source_addr: '5', dest_addr_npi: 1, destination_addr: '6' },
    '0000001c 00000008 00000000 0000000d 00 616200 00 00 3500 00 01 3600',
  ],
  [{ command: 'cancel_sm_resp', status: 0x11, sequence: 13 }, '00000010 80000008 00000011 0000000d'],
  [
    { command: 'replace_sm', sequence: 14, message_id: 'ab', source_addr: '5', short_message: Buffer.from('new') },
    `0000001f 00000007 00000000 0000000e 616200 00 00 3500 00 00 00 00 03 ${ascii('new')}`,
  ],
  [{ command: 'replace_sm_resp', sequence: 14 }, '00000010 80000007 00000000 0000000e'],
  [
    {
      command: 'alert_notification',
      sequence: 15,
      source_addr: '447700900001',
      esme_addr: '5',
      tlvs: { ms_availability_status: 0 },
    },
    `00000028 00000102 00000000 0000000f 00 00 ${ascii('447700900001')}00 00 00 3500 0422 0001 00`,
  ],
];

describe('on the wire', () => {
  it.each(VECTORS.map(([pdu, hex]) => [pdu.command, pdu, hex] as const))('%s', (_, pdu, hex) => {
    const octets = hex.replace(/\s/g, '');
    const wire = encodePdu(pdu);
    expect(wire.toString('hex')).toBe(octets);
    expect(Number.parseInt(octets.slice(0, 8), 16)).toBe(octets.length / 2);
    expect(decodePdu(Buffer.from(octets, 'hex'))).toMatchObject(pdu);
  });

  it('has a vector of every command', () => {
    expect(new Set(VECTORS.map(([pdu]) => pdu.command))).toEqual(new Set(Object.keys(COMMANDS)));
  });
});
