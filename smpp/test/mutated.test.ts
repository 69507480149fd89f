import { once } from 'node:events';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, onTestFailed } from 'vitest';
import { EsmeSession } from '../src/esme.ts';
import { ManualClock } from '../src/lib/clock.ts';
import type { Pdu } from '../src/pdu/commands.ts';
import type { DecodeError } from '../src/pdu/decode.ts';
import { SmscServer } from '../src/smsc.ts';
import { type Mutant, Mutator } from './mutation.ts';
import { Peer, PeerServer, until } from './peer.ts';

/** How many for each side. A million: SIGNET_FUZZ_PDUS=1000000 npx vitest run smpp/test/mutated.test.ts */
const PDUS = Number(process.env.SIGNET_FUZZ_PDUS ?? 20_000);
const SEED = Number(process.env.SIGNET_FUZZ_SEED ?? Date.now() % 0x7fffffff);
const PDUS_OF_CONNECTION = 1000;
/** What the heap may grow by between the first quarter and the end. */
const HEAP_GROWTH_OCTETS = 8 * 1024 * 1024;
const LIMIT_MS = 60_000 + PDUS;

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapOctets(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Runs connections until there were enough mutants; the heap may not grow with them. */
async function mutate(connection: (mutants: Mutant[]) => Promise<void>): Promise<void> {
  onTestFailed(() => console.error(`to see it again: SIGNET_FUZZ_SEED=${SEED} SIGNET_FUZZ_PDUS=${PDUS}`));
  const mutator = new Mutator(SEED);
  let sent = 0;
  let early: number | undefined;
  while (sent < PDUS) {
    const mutants: Mutant[] = [];
    do mutants.push(mutator.next());
    while (!mutants.at(-1)!.last && mutants.length < PDUS_OF_CONNECTION);
    await connection(mutants);
    sent += mutants.length;
    if (early === undefined && sent >= PDUS / 4) early = heapOctets();
  }
  const grown = heapOctets() - early!;
  if (PDUS > 20_000)
    console.info(`${sent} mutants, seed ${SEED}: the heap has grown by ${Math.round(grown / 1024)} KiB`);
  expect(grown).toBeLessThan(HEAP_GROWTH_OCTETS);
}

/** A bind beside the one that is mistreated: everything it sends must be answered as if nothing were. */
class Bystander {
  readonly session: EsmeSession<number>;
  #answered = 0;
  #sent = 0;
  closed = false;

  constructor(port: number) {
    this.session = new EsmeSession<number>({ host: '127.0.0.1', port, system_id: 'bystander', enquireLinkMs: 0 });
    closing.push(() => this.session.destroy());
    this.session.on('results', (batch) => {
      for (const each of batch) {
        expect(each).toMatchObject({ outcome: 'answered', status: 0, context: this.#answered, messageId: 'fine' });
        this.#answered++;
      }
    });
    this.session.on('closed', () => {
      this.closed = true;
    });
  }

  async undisturbed(): Promise<void> {
    const contexts = Array.from({ length: 5 }, (_, i) => this.#sent + i);
    this.#sent += this.session.submitMany(
      contexts.map(() => ({ destination_addr: '15550100', short_message: 'fine' })),
      contexts,
    );
    await until(() => this.closed || this.#answered === this.#sent, 'the bystander is answered');
    expect(this.closed).toBe(false);
  }
}

const write = (peer: Peer, mutants: readonly Mutant[]): void => {
  peer.socket.write(Buffer.concat(mutants.map((each) => each.octets)));
};

/** Whether a response to an enquire_link of this number comes before the connection ends. */
async function lives(peer: Peer, sequence: number): Promise<boolean> {
  peer.send({ command: 'enquire_link', sequence });
  let pdu: Pdu | DecodeError | undefined;
  do pdu = await peer.next();
  while (pdu !== undefined && !('command' in pdu && isAnswer(pdu as Pdu, sequence)));
  return pdu !== undefined;
}

const isAnswer = (pdu: Pdu, sequence: number): boolean =>
  pdu.command === 'enquire_link_resp' && pdu.sequence === sequence;

/** A number no mutant has. */
const PROBE = 0x5eed5eed;

describe('mutated PDUs', () => {
  it(
    'neither end an SMSC session nor disturb another; only what breaks the stream or unbinds does',
    async () => {
      const smsc = new SmscServer({ clock: new ManualClock() });
      await smsc.listen();
      closing.push(() => smsc.close());
      smsc.on('session', (session) => {
        session.on('pdus', (pdus) => {
          for (const pdu of pdus) {
            if (pdu.command !== 'outbind' && pdu.command !== 'alert_notification') {
              session.respond(pdu, 0, { message_id: 'fine' } as object);
            }
          }
        });
      });
      const bystander = new Bystander(smsc.port);
      await bystander.session.open();
      await mutate(async (mutants) => {
        const socket = connect(smsc.port, '127.0.0.1');
        const peer = new Peer(socket);
        await once(socket, 'connect');
        peer.send({ command: 'bind_transceiver', sequence: 1, system_id: 'mutant' });
        await peer.next();
        write(peer, mutants);
        if (mutants.at(-1)!.last) socket.end();
        else {
          expect(await lives(peer, PROBE)).toBe(true);
          socket.destroy();
        }
        await until(() => peer.closed, 'the connection is closed');
        await bystander.undisturbed();
      });
      await until(() => smsc.sessions.size === 1, 'all other sessions are gone');
    },
    LIMIT_MS,
  );

  it(
    'neither end an ESME session nor disturb another, and no request of it is lost',
    async () => {
      const smsc = new SmscServer();
      await smsc.listen();
      closing.push(() => smsc.close());
      smsc.on('session', (session) =>
        session.on('pdus', (pdus) =>
          session.respondMany(
            pdus,
            0,
            pdus.map(() => 'fine'),
          ),
        ),
      );
      const bystander = new Bystander(smsc.port);
      await bystander.session.open();
      const carriers = await new PeerServer().listen();
      closing.push(() => carriers.close());
      const clock = new ManualClock();
      await mutate(async (mutants) => {
        const esme = new EsmeSession<number>({ host: '127.0.0.1', port: carriers.port, system_id: 'esme', clock });
        const settled: number[] = [];
        esme.on('results', (batch) => settled.push(...batch.map((each) => each.context)));
        esme.on('pdus', (pdus) => esme.respondMany(pdus));
        const closed = once(esme, 'closed');
        const opened = esme.open();
        const peer = await carriers.peer();
        await peer.acceptBind();
        await opened;
        const contexts = Array.from({ length: 20 }, (_, i) => i);
        expect(
          esme.submitMany(
            contexts.map(() => ({ destination_addr: '15550100' })),
            contexts,
          ),
        ).toBe(20);
        write(peer, mutants);
        if (mutants.at(-1)!.last) peer.socket.end();
        else {
          expect(await lives(peer, PROBE)).toBe(true);
          esme.destroy();
        }
        await closed;
        expect(settled.sort((a, b) => a - b)).toEqual(contexts);
        await bystander.undisturbed();
      });
    },
    LIMIT_MS,
  );
});
