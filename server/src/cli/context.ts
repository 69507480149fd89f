import type { Command } from 'commander';
import { baseUrl, type ClientConfig, isHttpUrl, isUser, loadClientConfig, URL_RULE } from '../config/client-config.ts';
import type { ApiClient } from './client.ts';
import { usageError } from './failure.ts';
import { Output } from './output.ts';
import { askSecret } from './password.ts';
import type { World } from './world.ts';

/** Options every command takes. */
export interface CommonOptions {
  url?: string;
  user?: string;
  json?: boolean;
}

/** What a command works with. */
export class Context {
  readonly world: World;
  readonly out: Output;
  readonly #common: CommonOptions;
  #client: ApiClient | null = null;

  constructor(world: World, common: CommonOptions) {
    this.world = world;
    this.out = new Output(world, common.json === true);
    this.#common = common;
  }

  /** Where the server is and as whom to sign in: options before environment before defaults. */
  account(): ClientConfig {
    const config = loadClientConfig(this.world.env);
    const { url = config.url, user = config.user } = this.#common;
    if (!isHttpUrl(url)) throw usageError(`--url is ${JSON.stringify(url)}: it must be ${URL_RULE}`);
    if (!isUser(user)) throw usageError('--user must be a user name or an API key');
    return { url: baseUrl(url), user, password: config.password };
  }

  /** The running server, signed in; asks for the password when the environment does not hold it. */
  async client(): Promise<ApiClient> {
    if (this.#client === null) {
      const account = this.account();
      const password =
        account.password ?? (await askSecret(this.world, `Password of ${account.user}`, 'Set SIGNET_PASSWORD.'));
      // Loaded when it is needed: `signet serve` starts without it.
      const { ApiClient } = await import('./client.ts');
      this.#client = new ApiClient({ ...account, password });
    }
    return this.#client;
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }
}

/** Adds commands of one room to the program. */
export type Register = (parent: Command, act: Act) => void;

/** Turns a command's work into what commander calls: arguments first, then its options. */
export type Act = <A extends unknown[]>(
  work: (context: Context, ...args: A) => Promise<void>,
) => (...args: unknown[]) => Promise<void>;
