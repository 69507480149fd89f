import { loadServerConfig } from '../../config/config.ts';
import type { Register } from '../context.ts';

/** `signet serve`: the server itself, in the foreground. */
export const registerServe: Register = (parent, act) => {
  parent
    .command('serve')
    .description('run the server until it is stopped (SIGTERM or Ctrl-C); settings come from the environment')
    .action(
      act(async ({ world, out }) => {
        // Loaded here, so that the other commands start without the whole house.
        const { runServer, serve } = await import('../../main.ts');
        if (!out.json) return runServer(world.env);
        const interrupted = world.interruption();
        const server = await serve(loadServerConfig(world.env), { stdout: world.stderr, stderr: world.stderr });
        const { url, port, rootPassword, simulator } = server;
        out.result({ url, port, root_password: rootPassword, simulator }, () => '');
        if (!interrupted.aborted) await new Promise((resolve) => interrupted.addEventListener('abort', resolve));
        await server.stop();
      }),
    );
};
