import { loadServerConfig } from '../../config/config.ts';
import type { Register } from '../context.ts';
import { CommandFailed } from '../failure.ts';

/** `signet serve`: the server itself, in the foreground. */
export const registerServe: Register = (parent, act) => {
  parent
    .command('serve')
    .description('run the server until it is stopped (SIGTERM or Ctrl-C); settings come from the environment')
    .action(
      act(async ({ world, out }) => {
        // Loaded here, so that the other commands start without the whole house.
        const { runServer, serve } = await import('../../main.ts');
        if (!out.json) {
          await runServer(world.env);
          return new Promise(() => {}); // it ends the process itself
        }
        const interrupted = world.interruption();
        const config = loadServerConfig(world.env);
        const server = await serve(config, { stdout: world.stderr, stderr: world.stderr }).catch((error: Error) => {
          throw new CommandFailed(error.message, '', { code: 'start' });
        });
        const { url, port, rootPassword, simulator } = server;
        out.result({ url, port, root_password: rootPassword, simulator }, () => '');
        if (!interrupted.aborted) await new Promise((resolve) => interrupted.addEventListener('abort', resolve));
        await server.stop();
      }),
    );
};
