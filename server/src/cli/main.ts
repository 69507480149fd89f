import { systemClock } from '../lib/clock.ts';
import { wait } from './lib/wait.ts';
import { runCommand } from './program.ts';

const { env, stdin, stdout, stderr } = process;

/** One signal asks a command to stop in good order; the second ends the process as signals do. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort(signal));
  return controller.signal;
}

// Whoever read our output may have read enough: `signet business list | head`.
stdout.on('error', () => process.exit());

const code = await runCommand(process.argv.slice(2), {
  env,
  stdin,
  stdout,
  stderr,
  clock: systemClock,
  wait,
  interruption,
});

// Nothing a command has left open may keep it from ending.
stdout.write('', () => process.exit(code));
