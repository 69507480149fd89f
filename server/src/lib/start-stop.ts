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

  async stop(): Promise<void> {
    for (let service = this.#started.pop(); service !== undefined; service = this.#started.pop()) {
      await service.stop();
    }
  }
}
