import { type Answer, EsmeSession } from '@signet/smpp';
import { startSimulatorThread } from '@signet/smpp/simulator';
import { describe, expect, it } from 'vitest';
import { until } from './peer.ts';

describe('a simulator in a thread of its own', () => {
  it('has the surface of one in this thread', async () => {
    const destinations: string[] = [];
    const simulator = await startSimulatorThread({
      receiptDelayMs: 0,
      onSubmit: (records) => destinations.push(...records.map((each) => each.destination)),
    });
    const esme = new EsmeSession<number>({ host: '127.0.0.1', port: simulator.port, system_id: 'esme' });
    const answers: Answer<number>[] = [];
    let delivered = 0;
    esme.on('results', (batch) => answers.push(...batch));
    esme.on('pdus', (pdus) => {
      for (const pdu of pdus) if (pdu.command === 'deliver_sm') esme.respond(pdu);
      delivered += pdus.length;
    });
    await esme.open();
    esme.submitMany([{ destination_addr: '15550100', registered_delivery: 1 }], [0]);
    await until(() => delivered === 1 && destinations.length === 1, 'the receipt and the record have come');
    expect(answers).toMatchObject([{ status: 0 }]);
    expect(destinations).toEqual(['15550100']);
    await simulator.set({ rules: [{ status: 'ESME_RSYSERR' }] });
    await expect(simulator.set({ answerMs: -1 })).rejects.toThrow(RangeError);
    esme.submitMany([{ destination_addr: '15550101' }], [1]);
    await until(() => answers.length === 2, 'the second is answered');
    expect(answers[1]).toMatchObject({ status: 0x08 });
    expect(await simulator.deliver({ from: '1', to: '2', text: 'hi' })).toBe(0);
    expect(await simulator.stats()).toMatchObject({ submits: 2, accepted: 1, refused: 1, inboundAnswered: 1 });
    expect(await simulator.waiting()).toBe(0);
    const closed = new Promise((resolve) => esme.once('closed', resolve));
    await simulator.dropLinks();
    await closed;
    await simulator.close();
    await expect(simulator.stats()).rejects.toThrow();
  });

  it('says why it cannot start', async () => {
    await expect(startSimulatorThread({ throttle: { perSecond: 0 } })).rejects.toThrow('throttle');
    await expect(startSimulatorThread({ logPath: '/no/such/folder/x.log' })).rejects.toThrow('ENOENT');
  });
});
