import { parentPort, workerData } from 'node:worker_threads';
import { Simulator } from './simulator.ts';
import type { Call, FromThread, ThreadData, ToThread } from './thread.ts';

/** The thread's side of startSimulatorThread(): a simulator that is told what to do by messages. */

const port = parentPort!;
const { options, tellSubmits, tellTexts } = workerData as ThreadData;
const tell = (message: FromThread): void => port.postMessage(message);

const simulator = await new Simulator({
  ...options,
  onSubmit: tellSubmits ? (records) => tell({ kind: 'submits', records }) : undefined,
  onText: tellTexts ? (texts) => tell({ kind: 'texts', texts }) : undefined,
}).start();

function perform(call: Call): unknown {
  switch (call.method) {
    case 'set':
      return simulator.set(call.argument);
    case 'deliver':
      return simulator.deliver(call.argument);
    case 'stats':
      return simulator.stats;
    case 'waiting':
      return simulator.waiting;
    case 'answerTimes':
      return simulator.answerTimes;
    case 'clearAnswerTimes':
      return simulator.clearAnswerTimes();
    case 'dropLinks':
      return simulator.dropLinks();
    case 'close':
      return simulator.close();
  }
}

port.on('message', async (message: ToThread) => {
  try {
    tell({ kind: 'answer', id: message.id, value: await perform(message) });
  } catch (error) {
    tell({ kind: 'refusal', id: message.id, error: error as Error });
  }
  if (message.method === 'close') port.close();
});

tell({ kind: 'listening', port: simulator.port });
