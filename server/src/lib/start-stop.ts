/** Something with a life: started once, stopped once. */
export interface Service {
  start(): Promise<void>;
  /** Resolves when nothing of it runs any more. Harmless when it never started. */
  stop(): Promise<void>;
}

/** Starts services in order; stops those that started, in reverse order. */
export class Lifecycle {
  readonly #started: Service[] = [];

  async start(service: Service): Promise<void> {
    await service.start();
    this.#started.push(service);
  }

  /** Stops all of them, also when one fails to; then rejects with the first failure. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (let service = this.#started.pop(); service !== undefined; service = this.#started.pop()) {
      await service.stop().catch((error: unknown) => void failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
