import { Command, CommanderError, Option } from 'commander';
import { ConfigError } from '../config/config.ts';
import { VERSION } from '../version.ts';
import { registerBackup } from './commands/backup.ts';
import { registerBusiness } from './commands/business.ts';
import { registerCdr } from './commands/cdr.ts';
import { registerChannel } from './commands/channel.ts';
import { registerCost } from './commands/cost.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerFigures } from './commands/figures.ts';
import { registerInbound } from './commands/inbound.ts';
import { registerKey } from './commands/key.ts';
import { registerMember } from './commands/member.ts';
import { registerMigrate } from './commands/migrate.ts';
import { registerPrice } from './commands/price.ts';
import { registerBlacklist, registerOptOut } from './commands/recipient-list.ts';
import { registerReport } from './commands/report.ts';
import { registerReview } from './commands/review.ts';
import { registerRoot } from './commands/root.ts';
import { registerRoute } from './commands/route.ts';
import { registerSend } from './commands/send.ts';
import { registerServe } from './commands/serve.ts';
import { registerSmsc } from './commands/smsc.ts';
import { registerTask } from './commands/task.ts';
import { registerWebhook } from './commands/webhook.ts';
import { type Act, type CommonOptions, Context } from './context.ts';
import { CommandFailed, EXIT, type ExitCode, usageError } from './failure.ts';
import { Output } from './output.ts';
import type { World } from './world.ts';

const ROOMS = [
  registerServe,
  registerBusiness,
  registerKey,
  registerMember,
  registerRoot,
  registerChannel,
  registerCost,
  registerCdr,
  registerPrice,
  registerRoute,
  registerFigures,
  registerReview,
  registerReport,
  registerSend,
  registerInbound,
  registerOptOut,
  registerBlacklist,
  registerWebhook,
  registerTask,
  registerSmsc,
  registerBackup,
  registerMigrate,
  registerDoctor,
  registerDemo,
];

/** Runs one command line (without node and script); returns its exit code. */
export async function runCommand(argv: readonly string[], world: World): Promise<ExitCode> {
  // Known before the arguments are understood, so that a failure to understand them is worded as asked.
  const out = new Output(world, argv.includes('--json'));
  try {
    await createProgram(world).parseAsync(argv, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok; // help and version were shown
    const failed = asFailure(error);
    out.failure(failed);
    return failed.exitCode;
  }
}

function createProgram(world: World): Command {
  const act: Act =
    (work) =>
    async (...args) => {
      const command = args.at(-1) as Command;
      const context = new Context(world, command.optsWithGlobals<CommonOptions>());
      try {
        await work(context, ...(args.slice(0, -1) as never));
      } finally {
        await context.close();
      }
    };
  const program = new Command('signet')
    .description('The Signet SMS platform: server and command line.')
    .version(VERSION)
    .addOption(new Option('--url <url>', 'where the running server is (SIGNET_URL)'))
    .addOption(new Option('--user <name>', 'user name or API key to sign in with (SIGNET_USER)'))
    .addOption(new Option('--json', 'print one JSON value on standard output and nothing else'))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: (text) => void world.stderr.write(text),
      // Failures are worded in one place, whatever found them.
      outputError: () => {},
    })
    .exitOverride();
  for (const register of ROOMS) register(program, act);
  return program;
}

function asFailure(error: unknown): CommandFailed {
  if (error instanceof CommandFailed) return error;
  if (error instanceof ConfigError) return new CommandFailed(error.message, '', { code: 'config' });
  if (error instanceof CommanderError) {
    if (error.code === 'commander.help') return usageError('a command is missing', 'See "signet --help".');
    return usageError(error.message.replace(/^error: /, ''), 'See "signet --help", also after a command.');
  }
  const { message, stack } = error as Error;
  return new CommandFailed(`${message}`, stack ?? '', { code: 'defect' });
}
