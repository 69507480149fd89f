import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { endProcess } from '../lib/helper.ts';
import { freePort } from '../lib/port.ts';
import { waitUntil } from '../lib/time.ts';
import { PLACEHOLDER } from '../processes/load.ts';
import { type Peer, type PeerSetting, type RunningPeer, SENDER, TEXT, WINDOW } from './peer.ts';

const BEARERBOX = '/usr/sbin/bearerbox';
const SMSBOX = '/usr/sbin/smsbox';
const PASSWORD = 'bench';
/** Warnings and worse; what it logs below would cost it time. */
const LOG_LEVEL = '2';
/** Reports of success and of failure by the phone; not those of the SMSC's taking. */
const DLR_MASK = 1 | 2;

interface Ports {
  admin: number;
  smsbox: number;
  sendsms: number;
}

/** What keeps Kannel from being measured on this machine; null when nothing does. */
export function kannelMissing(): string | null {
  try {
    for (const path of [BEARERBOX, SMSBOX]) accessSync(path, constants.X_OK);
    return null;
  } catch {
    return 'Kannel is not installed: apt-get install kannel (Debian 12 has 1.4.5), then run again';
  }
}

/**
 * The gateway as its guide sets it up, with the store on. `msg-id-type` stays away: ids are then compared as texts;
 * told that they are hexadecimal it would read 16 digits into 63 bits and confuse them.
 */
function configuration(ports: Ports, dir: string, { smscPort, sinkPort }: PeerSetting): string {
  const groups: Record<string, string | number>[] = [
    {
      group: 'core',
      'admin-port': ports.admin,
      'admin-interface': '127.0.0.1',
      'admin-password': PASSWORD,
      'admin-allow-ip': '127.0.0.1',
      'smsbox-port': ports.smsbox,
      'smsbox-interface': '127.0.0.1',
      'box-allow-ip': '127.0.0.1',
      'store-type': 'file',
      'store-location': join(dir, 'store'),
      'dlr-storage': 'internal',
    },
    {
      group: 'smsc',
      smsc: 'smpp',
      'smsc-id': 'bench',
      host: '127.0.0.1',
      port: smscPort,
      'transceiver-mode': 'true',
      'smsc-username': 'kannel',
      'smsc-password': 'kannel',
      'system-type': '',
      'max-pending-submits': WINDOW,
      'source-addr-ton': 3,
      'source-addr-npi': 1,
      'dest-addr-ton': 1,
      'dest-addr-npi': 1,
    },
    {
      group: 'smsbox',
      'bearerbox-host': '127.0.0.1',
      'sendsms-port': ports.sendsms,
      'sendsms-interface': '127.0.0.1',
    },
    {
      group: 'sendsms-user',
      username: 'bench',
      password: PASSWORD,
      'default-sender': SENDER,
      ...(sinkPort === null ? {} : { 'dlr-url': `http://127.0.0.1:${sinkPort}/report?id=%p&type=%d` }),
    },
  ];
  return groups
    .map((group) =>
      Object.entries(group)
        .map(([name, value]) => `${name} = ${typeof value === 'string' ? JSON.stringify(value) : value}\n`)
        .join(''),
    )
    .join('\n');
}

function sendRequest({ sinkPort, numbersPerRequest }: PeerSetting): string {
  const query = {
    username: 'bench',
    password: PASSWORD,
    to: Array.from({ length: numbersPerRequest }, () => `%2B86${PLACEHOLDER}`).join('+'),
    coding: '2',
    charset: 'UTF-8',
    text: encodeURIComponent(TEXT),
    ...(sinkPort === null ? {} : { 'dlr-mask': String(DLR_MASK) }),
  };
  const target = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return `GET /cgi-bin/sendsms?${target.join('&')} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
}

/** Kannel: bearerbox and smsbox, messages in its file store (which it does not fsync), no charging. */
export const kannel: Peer = {
  name: 'Kannel',
  async start(setting: PeerSetting): Promise<RunningPeer> {
    const { dir } = setting;
    const ports = { admin: await freePort(), smsbox: await freePort(), sendsms: await freePort() };
    const file = join(dir, 'kannel.conf');
    writeFileSync(file, configuration(ports, dir, setting));
    const log = openSync(join(dir, 'kannel.log'), 'a');
    const box = (path: string): ChildProcess =>
      spawn(path, ['-v', LOG_LEVEL, file], { stdio: ['ignore', log, log], cwd: dir });
    const boxes: ChildProcess[] = [];
    const stop = async (): Promise<void> => {
      for (const each of boxes.toReversed()) await endProcess(each, 3_000);
    };
    /** Waits until what is at an address contains a text. */
    const until = (what: string, url: string, contained: string): Promise<void> =>
      waitUntil(
        what,
        async () => {
          if (boxes.some(({ exitCode }) => exitCode !== null)) throw new Error(`Kannel ended: see ${dir}/kannel.log`);
          return (await get(url))?.includes(contained) ?? false;
        },
        20_000,
      );
    const status = `http://127.0.0.1:${ports.admin}/status.txt?password=${PASSWORD}`;
    try {
      boxes.push(box(BEARERBOX));
      await until('bearerbox to be bound', status, '(online ');
      boxes.push(box(SMSBOX));
      await until('smsbox to be connected', status, 'smsbox:');
      await until('smsbox to listen', `http://127.0.0.1:${ports.sendsms}/`, '');
    } catch (error) {
      await stop();
      throw error;
    }
    return {
      port: ports.sendsms,
      request: sendRequest(setting),
      pids: { bearerbox: boxes[0]!.pid!, smsbox: boxes[1]!.pid! },
      check: async () => {},
      stop,
    };
  },
};

/** What is at an address; null when nobody answers. */
async function get(url: string): Promise<string | null> {
  try {
    return await (await request(url)).body.text();
  } catch {
    return null;
  }
}
