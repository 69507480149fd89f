import { loadServerConfig } from '../../config/config.ts';
import type { Register } from '../context.ts';
import { CommandFailed } from '../failure.ts';

/** `signet serve`: the server itself, in the foreground. */
export const registerServe: Register = (parent, act) => {
  parent
    .command('serve')
    .description('run the server until it is stopped (SIGTERM or Ctrl-C); settings come from the environment')
    .option(
      '--role <roles>',
      'what this process does: all, or some of api, worker and channel (instead of SIGNET_ROLE)',
    )
    .action(
      act(async ({ world, out }, options: { role?: string }) => {
        const env = options.role === undefined ? world.env : { ...world.env, SIGNET_ROLE: options.role };
        // Loaded here, so that the other commands start without the whole house; on two cores its parts load side by side.
        const { beginStorageThreads } = await import('../../app/storage-threads.ts');
        const threads = beginStorageThreads();
        const { runServer, serve } = await import('../../main.ts');
        if (!out.json) {
          await runServer(env, threads);
          return new Promise(() => {}); // it ends the process itself
        }
        const interrupted = world.interruption();
        const config = loadServerConfig(env);
        const server = await serve(config, { stdout: world.stderr, stderr: world.stderr }, threads).catch(
          (error: Error) => {
            throw new CommandFailed(error.message, '', { code: 'start' });
          },
        );
        const { url, port, rootPassword, simulator } = server;
        out.result({ url, port, root_password: rootPassword, simulator }, () => '');
        if (!interrupted.aborted) await new Promise((resolve) => interrupted.addEventListener('abort', resolve));
        await server.stop();
      }),
    );
};
