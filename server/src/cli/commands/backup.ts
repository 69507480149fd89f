import { existsSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadServerConfig } from '../../config/config.ts';
import type { Register } from '../context.ts';
import { CommandFailed } from '../failure.ts';
import { grouped } from '../output.ts';

/** `signet backup FILE`: a checked copy of the store, beside a running server. */
export const registerBackup: Register = (parent, act) => {
  parent
    .command('backup <file>')
    .description('copy the store of SIGNET_DATA to a new file while the server runs, and check the copy')
    .action(
      act(async ({ world, out }, name: string) => {
        const config = loadServerConfig(world.env);
        const file = resolve(name);
        const { backupStore } = await import('../../main.ts');
        const taken = existsSync(file);
        try {
          await backupStore(config, file);
        } catch (error) {
          // A copy that failed its checks must not be taken for a backup.
          if (!taken) rmSync(file, { force: true });
          throw new CommandFailed(`no backup was made: ${(error as Error).message}`, '', { code: 'backup' });
        }
        const { size } = statSync(file);
        out.result({ file, bytes: size, checked: true }, () => `${file}: ${grouped(size)} bytes, checked`);
      }),
    );
};
