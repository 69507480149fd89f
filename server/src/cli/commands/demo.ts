import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadServerConfig } from '../../config/config.ts';
import { randomSecret } from '../../lib/random.ts';
import type { RunningServer } from '../../main.ts';
import { between } from '../arguments.ts';
import type { Register } from '../context.ts';
import type { World } from '../world.ts';

const MOST_NUMBERS = 2_000;
/** A server that does not stop must not keep the demonstration from ending. */
const STOP_LIMIT_MS = 10_000;

/** `signet demo`: the platform's whole job, on data of its own, without a carrier. */
export const registerDemo: Register = (parent, act) => {
  parent
    .command('demo')
    .description('show the whole job against a simulated carrier, on data of its own, and end')
    .option('--numbers <count>', 'how many recipients', between(1, MOST_NUMBERS), 1_000)
    .option('--keep', 'keep the data directory and the file of numbers')
    .action(
      act(async (context, options: { numbers: number; keep?: boolean }) => {
        const { demonstrate } = await import('../demonstrate.ts');
        const interrupted = context.world.interruption();
        const directory = mkdtempSync(join(tmpdir(), 'signet-demo-'));
        let server: RunningServer | null = null;
        try {
          const rootPassword = randomSecret(144);
          server = await startServer(directory, rootPassword, context.world);
          context.out.note(`A server with the built-in simulator as its carrier is up at ${server.url}`);
          const file = join(directory, 'numbers.csv');
          const { numbers } = options;
          await demonstrate(context, { url: server.url, rootPassword, file, numbers, interrupted });
        } finally {
          await Promise.race([server?.stop(), context.world.wait(STOP_LIMIT_MS)]);
          if (options.keep) context.out.note(`Data and numbers are in ${directory}`);
          else rmSync(directory, { recursive: true, force: true });
        }
      }),
    );
};

async function startServer(directory: string, rootPassword: string, world: World): Promise<RunningServer> {
  const { serve } = await import('../../main.ts');
  const data = join(directory, 'data');
  mkdirSync(data);
  const config = loadServerConfig({
    SIGNET_DATA: data,
    SIGNET_PORT: '0',
    SIGNET_ROOT_PASSWORD: rootPassword,
    SIGNET_LOG_LEVEL: 'error',
  });
  return serve(config, { stdout: { write: () => true }, stderr: world.stderr });
}
