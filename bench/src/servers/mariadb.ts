import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../lib/port.ts';
import { Engine, type EngineCommand, type Greeting } from './engine.ts';

const run = promisify(execFile);

/** What of Debian's packages it needs. */
export const MARIADB_PROGRAMS = ['mariadbd', 'mariadb-install-db', 'mariadb'] as const;

/** A MariaDB server. Commits are on disk (as far as the folder is) when they are answered, as one for Signet has to be set. */
export class MariaDb extends Engine {
  readonly name = 'MariaDB';

  /** Starts one that has nothing but an empty database, or what it had in this folder before. */
  static async start(folder: string): Promise<MariaDb> {
    const db = new MariaDb(folder, await freePort());
    if (existsSync(join(db.data, 'mysql'))) {
      await db.start();
      return db;
    }
    await run('mariadb-install-db', [
      '--no-defaults',
      `--user=${userInfo().username}`,
      `--datadir=${db.data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ]);
    await db.start();
    await run('mariadb', ['-uroot', `-S${db.#socket}`, '-e', 'CREATE DATABASE signet']);
    return db;
  }

  get url(): string {
    return `mysql://root@127.0.0.1:${this.port}/signet`;
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

  get #socket(): string {
    return join(this.folder, 'socket');
  }

  protected get command(): EngineCommand {
    const args = [
      '--no-defaults',
      `--user=${userInfo().username}`,
      `--datadir=${this.data}`,
      `--socket=${this.#socket}`,
      `--port=${this.port}`,
      '--bind-address=127.0.0.1',
      '--innodb-buffer-pool-size=512M',
      '--innodb-log-file-size=256M',
      '--innodb-flush-log-at-trx-commit=1',
    ];
    return { program: 'mariadbd', args };
  }

  /** It speaks first: protocol 10 and its version. */
  protected get greeting(): Greeting {
    return { say: '', isAnswer: (octets) => octets[4] === 10 };
  }
}
