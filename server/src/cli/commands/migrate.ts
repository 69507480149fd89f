import { loadServerConfig } from '../../config/config.ts';
import { mysqlAddress } from '../../lib/mysql-address.ts';
import type { Register } from '../context.ts';
import { CommandFailed, usageError } from '../failure.ts';
import { grouped } from '../output.ts';

/** `signet migrate --from sqlite --to mysql://…`: moves the data directory's installation, while no server runs. */
export const registerMigrate: Register = (parent, act) => {
  parent
    .command('migrate')
    .description(
      'move the store of SIGNET_DATA with its history to an empty database of MySQL or MariaDB, while no server runs',
    )
    .requiredOption('--from <store>', 'where everything is: sqlite')
    .requiredOption('--to <address>', 'where it goes: mysql://user:password@host:port/database')
    .action(
      act(async ({ world, out }, { from, to }: { from: string; to: string }) => {
        check(from, to);
        const config = loadServerConfig(world.env);
        const { moveToMysql } = await import('../../main.ts');
        const moved: { table: string; rows: number }[] = [];
        try {
          await moveToMysql(config, to, (table, rows) => {
            moved.push({ table, rows });
            if (rows > 0) out.note(`${table}: ${grouped(rows)}`);
          });
        } catch (error) {
          throw new CommandFailed(`nothing was moved to its end: ${(error as Error).message}`, '', { code: 'migrate' });
        }
        out.result(
          { moved, checked: true },
          () =>
            `everything is moved and checked; start servers with SIGNET_STORE, the first with SIGNET_DATA=${config.dataDir}`,
        );
      }),
    );
};

function check(from: string, to: string): void {
  if (from !== 'sqlite') throw usageError('--from must be sqlite');
  try {
    mysqlAddress(to);
  } catch (error) {
    throw usageError(`--to cannot be used: ${(error as Error).message}`);
  }
}
