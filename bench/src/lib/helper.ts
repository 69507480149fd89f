import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a helper process can be asked; arguments and answers are plain data. */
// biome-ignore lint/suspicious/noExplicitAny: every method has its own arguments; callers see the real ones.
type Methods = Record<string, (...args: any[]) => unknown>;

type Remote<M extends Methods> = {
  [Name in keyof M]: (...args: Parameters<M[Name]>) => Promise<Awaited<ReturnType<M[Name]>>>;
};

interface Question {
  id: number;
  method: string;
  args: unknown[];
}

type Answer = { id: number; value: unknown } | { id: number; error: string };

/** A helper as its parent sees it: its methods, and the process. */
export type Helper<M extends Methods> = Remote<M> & { readonly pid: number; stop(): Promise<void> };

/** Starts a module of `processes/` as a process of its own, which answers with {@link serveHelper}. */
export function startHelper<M extends Methods>(name: string): Helper<M> {
  const child = fork(fileURLToPath(new URL(`../processes/${name}.js`, import.meta.url)), { serialization: 'advanced' });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  child.on('message', (answer: Answer) => {
    const asker = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) asker?.reject(new Error(`${name}: ${answer.error}`));
    else asker?.resolve(answer.value);
  });
  child.on('exit', () => {
    for (const asker of waiting.values()) asker.reject(new Error(`${name}: the process ended`));
    waiting.clear();
  });
  const ask = (method: string, args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      child.send({ id, method, args } satisfies Question);
    });
  const own = { pid: child.pid!, stop: () => endProcess(child) };
  return new Proxy(own, {
    get: (target, key) =>
      key in target
        ? target[key as keyof typeof own]
        : // A promise is not what a helper is, however it is awaited.
          key === 'then'
          ? undefined
          : (...args: unknown[]) => ask(String(key), args),
  }) as unknown as Helper<M>;
}

/** The other end: answers the parent, and ends with it. */
export function serveHelper<M extends Methods>(methods: M): void {
  process.on('message', async ({ id, method, args }: Question) => {
    let answer: Answer;
    try {
      answer = { id, value: await methods[method]!(...args) };
    } catch (error) {
      answer = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send!(answer);
  });
  process.on('disconnect', () => process.exit(0));
}

/** Asks a process to end, and makes it end after some seconds; resolves when it has. */
export function endProcess(child: ChildProcess, patienceMs = 15_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
