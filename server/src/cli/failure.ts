/** Exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What `--json` says of a failure beside its message. */
export interface FailureFacts {
  /** The server's code of the refusal, or ours. */
  code?: string;
  /** HTTP status of the answer. */
  status?: number;
  [fact: string]: unknown;
}

/** A command could not do what it was asked: what happened, and what to do about it. */
export class CommandFailed extends Error {
  readonly advice: string;
  readonly exitCode: ExitCode;
  readonly facts: FailureFacts;

  constructor(message: string, advice = '', facts: FailureFacts = {}, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.name = 'CommandFailed';
    this.advice = advice;
    this.exitCode = exitCode;
    this.facts = facts;
  }
}

/** The command itself was wrong: an argument, an option, a setting. */
export function usageError(message: string, advice = ''): CommandFailed {
  return new CommandFailed(message, advice, { code: 'usage' }, EXIT.usage);
}
