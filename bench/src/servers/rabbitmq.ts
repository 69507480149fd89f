import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess } from '../lib/helper.ts';
import { freePort } from '../lib/port.ts';
import { waitUntil } from '../lib/time.ts';

/** Debian's own script of that name insists on the user rabbitmq; this is what it calls. */
const SCRIPT = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const START_WAIT_MS = 120_000;

/** A RabbitMQ server of our own, in a folder of its own. */
export class RabbitMq {
  readonly #script: ChildProcess;
  readonly url: string;
  /** Of the Erlang machine, which the script starts. */
  readonly pid: number;

  private constructor(script: ChildProcess, url: string, pid: number) {
    this.#script = script;
    this.url = url;
    this.pid = pid;
  }

  static get missing(): boolean {
    try {
      accessSync(SCRIPT, constants.X_OK);
      return false;
    } catch {
      return true;
    }
  }

  static async start(folder: string): Promise<RabbitMq> {
    mkdirSync(folder, { recursive: true });
    const [port, distribution] = [await freePort(), await freePort()];
    const pidFile = join(folder, 'pid');
    const log = openSync(join(folder, 'log'), 'a');
    const script = spawn(SCRIPT, [], {
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        RABBITMQ_NODENAME: `signet-bench-${process.pid}-${port}@localhost`,
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_NODE_PORT: String(port),
        RABBITMQ_DIST_PORT: String(distribution),
        RABBITMQ_PID_FILE: pidFile,
        RABBITMQ_MNESIA_BASE: join(folder, 'data'),
        RABBITMQ_LOG_BASE: folder,
        // Nothing of this machine's own server.
        RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
        RABBITMQ_CONF_ENV_FILE: join(folder, 'environment'),
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
        // Schedulers that wait for work do not spin: on a machine of few processors they take them from the others.
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
      },
    });
    closeSync(log);
    const started = () => readFileSync(join(folder, 'log'), 'utf8').includes('Starting broker... completed');
    try {
      await waitUntil(
        'RabbitMQ to start',
        () => {
          if (script.exitCode !== null) throw new Error(`RabbitMQ ended: see ${folder}/log`);
          return started() && existsSync(pidFile);
        },
        START_WAIT_MS,
        200,
      );
    } catch (error) {
      await endProcess(script);
      throw error;
    }
    return new RabbitMq(script, `amqp://guest:guest@127.0.0.1:${port}`, Number(readFileSync(pidFile, 'latin1')));
  }

  stop(): Promise<void> {
    return endProcess(this.#script, 30_000);
  }
}
