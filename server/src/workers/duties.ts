import type { Service } from '../lib/start-stop.ts';
import type { LeaseUser } from './lease-holder.ts';

/** Loops of which an installation needs one each, wherever it runs: each a lease by its name. */
export class Duties implements LeaseUser {
  readonly role = 'worker';
  readonly #services: Readonly<Record<string, Service>>;

  constructor(services: Readonly<Record<string, Service>>) {
    this.#services = services;
  }

  names(): readonly string[] {
    return Object.keys(this.#services);
  }

  gained(name: string): Promise<void> {
    return this.#services[name]!.start();
  }

  left(name: string): Promise<void> {
    return this.#services[name]!.stop();
  }

  facts(): null {
    return null;
  }
}
