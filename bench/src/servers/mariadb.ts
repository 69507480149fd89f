import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../lib/port.ts';

const START_WAIT_MS = 60_000;

/** A MariaDB server of our own, in a folder of its own. */
export class MariaDb {
  readonly #process: ChildProcess;
  readonly #socket: string;
  /** Address of an empty database. */
  readonly url: string;

  private constructor(server: ChildProcess, socket: string, url: string) {
    this.#process = server;
    this.#socket = socket;
    this.url = url;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Commits are on disk (as far as the folder is) when they are answered, as a server for Signet has to be set. */
  static async start(folder: string): Promise<MariaDb> {
    const data = join(folder, 'data');
    mkdirSync(data, { recursive: true });
    const user = `--user=${userInfo().username}`;
    const made = spawnSync('mariadb-install-db', [
      '--no-defaults',
      user,
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ]);
    if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.stderr}`);
    const port = await freePort();
    const socket = join(folder, 'socket');
    const server = spawn(
      'mariadbd',
      [
        '--no-defaults',
        user,
        `--datadir=${data}`,
        `--socket=${socket}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--innodb-buffer-pool-size=512M',
        '--innodb-log-file-size=256M',
        '--innodb-flush-log-at-trx-commit=1',
      ],
      { stdio: 'ignore' },
    );
    const db = new MariaDb(server, socket, `mysql://root@127.0.0.1:${port}/signet`);
    for (let waited = 0; ; waited += 200) {
      const asked = spawnSync('mariadb', ['-uroot', `-S${socket}`, '-e', 'CREATE DATABASE IF NOT EXISTS signet']);
      if (asked.status === 0) return db;
      if (waited > START_WAIT_MS || server.exitCode !== null) throw new Error(`MariaDB did not start: ${asked.stderr}`);
      await sleep(200);
    }
  }

  /** The rows of a question, each as its columns in text. @throws what the server says against it */
  ask(sql: string): string[][] {
    const asked = spawnSync('mariadb', ['-uroot', `-S${this.#socket}`, '-N', '-B', 'signet', '-e', sql], {
      encoding: 'utf8',
    });
    if (asked.status !== 0) throw new Error(asked.stderr);
    return asked.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
  }
}
