import { loadServerConfig } from '../../config/config.ts';
import { randomSecret } from '../../lib/random.ts';
import type { Register } from '../context.ts';
import { CommandFailed } from '../failure.ts';
import { facts } from '../output.ts';

const PASSWORD_BITS = 144;

/** `signet root …`: the administrator's account, while no server runs. */
export const registerRoot: Register = (parent, act) => {
  parent
    .command('root')
    .description("the administrator's account")
    .command('reset')
    .description(
      'give root another password while no server runs: that of SIGNET_ROOT_PASSWORD, or a generated one, printed once',
    )
    .action(
      act(async ({ world, out }) => {
        const config = loadServerConfig(world.env);
        const { resetRootPassword } = await import('../../main.ts');
        const generated = config.rootPassword === null ? randomSecret(PASSWORD_BITS) : null;
        try {
          await resetRootPassword(config, generated ?? config.rootPassword!);
        } catch (error) {
          throw new CommandFailed((error as Error).message, '', { code: 'offline' });
        }
        out.result({ user: 'root', ...(generated === null ? {} : { password: generated }) }, () =>
          generated === null
            ? 'root now has the password of SIGNET_ROOT_PASSWORD'
            : facts({ user: 'root', password: generated }),
        );
      }),
    );
};
