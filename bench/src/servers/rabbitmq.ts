import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWithUs } from '../lib/children.ts';
import { freePort } from '../lib/port.ts';
import { Engine, type EngineCommand, type Greeting } from './engine.ts';

/** Not the one on the PATH, which changes its user and wants the folders of the package. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** A RabbitMQ server, without plugins, and the port mapper of its Erlang nodes. */
export class RabbitMq extends Engine {
  readonly name = 'RabbitMQ';
  readonly #distributionPort: number;
  readonly #mapperPort: number;
  readonly #mapper: ChildProcess;

  private constructor(folder: string, ports: readonly [number, number, number]) {
    const [port, distributionPort, mapperPort] = ports;
    super(folder, port);
    this.#distributionPort = distributionPort;
    this.#mapperPort = mapperPort;
    // One that a node starts by itself would stay behind.
    this.#mapper = spawn('epmd', ['-port', String(mapperPort), '-address', '127.0.0.1'], { stdio: 'ignore' });
    endWithUs(this.#mapper);
  }

  static get missing(): boolean {
    return !existsSync(PROGRAM);
  }

  static async start(folder: string): Promise<RabbitMq> {
    const server = new RabbitMq(folder, [await freePort(), await freePort(), await freePort()]);
    try {
      await server.start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Of the Erlang machine, which the program starts. */
  override get pid(): number {
    return Number(readFileSync(this.#pidFile, 'latin1'));
  }

  get #pidFile(): string {
    return join(this.folder, 'pid');
  }

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}`;
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.#mapper.kill('SIGTERM');
  }

  protected get command(): EngineCommand {
    const env = {
      HOME: this.folder,
      ERL_EPMD_PORT: String(this.#mapperPort),
      RABBITMQ_NODENAME: `signet${this.port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(this.port),
      RABBITMQ_DIST_PORT: String(this.#distributionPort),
      RABBITMQ_PID_FILE: this.#pidFile,
      RABBITMQ_MNESIA_BASE: this.data,
      RABBITMQ_LOG_BASE: join(this.folder, 'logs'),
      // Those of the machine's own server are not its.
      RABBITMQ_ENABLED_PLUGINS_FILE: join(this.folder, 'plugins'),
      RABBITMQ_CONFIG_FILE: join(this.folder, 'rabbitmq'),
      RABBITMQ_CONF_ENV_FILE: join(this.folder, 'environment'),
      // Schedulers that wait for work do not spin: on a machine of few processors they take them from the others.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
    };
    return { program: PROGRAM, args: [], env };
  }

  /** AMQP 0-9-1, section 4.2.2: whoever names the protocol hears Connection.Start, a method on channel 0. */
  protected get greeting(): Greeting {
    return { say: 'AMQP\x00\x00\x09\x01', isAnswer: (octets) => octets[0] === 1 && octets.readUInt16BE(1) === 0 };
  }
}
