import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../bin/signet.js', import.meta.url));
export const ROOT_PASSWORD = 'root-password-for-tests';

/** One server as a process: `signet serve` on a data directory and a port that it keeps. */
export class ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #child: ChildProcess | null = null;
  #output = '';
  /** Where the output of its present life begins. */
  #born = 0;

  /** @param env names that are undefined are not set at all */
  constructor(port: number, dataDir: string, env: Readonly<Record<string, string | undefined>>) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    this.#env = env;
  }

  /** What it wrote so far, in all its lives. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get isRunning(): boolean {
    return this.#child !== null && !ended(this.#child);
  }

  /** How it ended by itself, while it was meant to run; null: it runs. */
  get ended(): string | null {
    return this.#child !== null && ended(this.#child) ? endOf(this.#child) : null;
  }

  /** Starts it; resolves when it has said itself that it is up, since anybody could answer at its port, and is ready. */
  async start(): Promise<void> {
    this.launch();
    const child = this.#child!;
    for (const end = Date.now() + 120_000; ; ) {
      if (ended(child)) throw new Error(`the server ended with ${endOf(child)}:\n${this.#output}`);
      if (this.#isUp && (await this.ready())) return;
      if (Date.now() > end) throw new Error(`waited in vain for the server to be ready:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get #isUp(): boolean {
    return this.#output.includes(' is up at ', this.#born);
  }

  /** Starts it and does not wait. */
  launch(): void {
    this.#born = this.#output.length;
    const env: NodeJS.ProcessEnv = {
      ...withoutSignetNames(process.env),
      SIGNET_PORT: String(this.port),
      SIGNET_DATA: this.dataDir,
      SIGNET_ROOT_PASSWORD: ROOT_PASSWORD,
      SIGNET_LOG_LEVEL: 'warn',
      ...this.#env,
    };
    const started = spawn(process.execPath, [BIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
  }

  ready(): Promise<boolean> {
    return fetch(`${this.url}/readyz`).then(
      (answer) => answer.status === 200,
      () => false,
    );
  }

  /** A number without labels of its metrics; NaN: it is not among them. */
  async gauge(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
  }

  /** Sends a signal and does not wait for what it does. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it; resolves with its exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = this.#child;
    this.#child = null;
    if (ending === null || ended(ending)) return ending?.exitCode ?? null;
    const exited = new Promise<number | null>((resolve) => ending.once('exit', (code) => resolve(code)));
    ending.kill(signal);
    return exited;
  }
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const endOf = (child: ChildProcess): string => String(child.exitCode ?? child.signalCode);

function withoutSignetNames(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SIGNET_')));
}
