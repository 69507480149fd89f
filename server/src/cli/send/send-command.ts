import { isCountry } from '../../domain/recipient.ts';
import type { Context } from '../context.ts';
import { CommandFailed, usageError } from '../failure.ts';
import { counted, table } from '../output.ts';
import { askYes } from '../question.ts';
import { preview, rowsTable } from './draft.ts';
import { follow } from './follow.ts';
import { lock } from './lock.ts';
import { besides, SendStopped, type SendSummary, type SendWishes, sendFile } from './send-file.ts';

/** How the command line wants it done, beside what is sent. */
export interface SendManner {
  /** Send without asking. */
  yes: boolean;
  /** Show what would be sent, and send nothing. */
  preview: boolean;
  /** Stay until every message is final. */
  wait: boolean;
}

/** Sends a file and says what became of it, holding the file's lock. */
export async function sendCommand(
  context: Context,
  wishes: Omit<SendWishes, 'decide' | 'note'>,
  manner: SendManner,
): Promise<void> {
  const { country } = wishes.query;
  if (country !== undefined && !isCountry(country)) {
    throw usageError(`${country} is not the two-letter code of a country`);
  }
  const client = await context.client();
  const { world, out } = context;
  const decide: SendWishes['decide'] = async (draft) => {
    if (manner.yes) return 'send';
    out.note(preview(draft));
    if (manner.preview) return 'leave';
    // A script has said all it has to say with its command line.
    if (!world.stdin.isTTY) return 'send';
    const question = `Send ${counted(draft.accepted, 'message')} for ${counted(draft.credits, 'credit')}`;
    return (await askYes(world, question)) ? 'send' : 'discard';
  };
  const release = lock(besides(wishes.file).lock);
  try {
    const summary = await sendFile({ ...wishes, decide, note: (text) => out.note(text) }, client, world);
    const { plan_id, accepted } = summary.draft!;
    const states =
      manner.wait && summary.finished ? await follow(plan_id, accepted, client, world, world.interruption()) : null;
    out.result({ ...jsonSummary(summary), ...(states && { states }) }, () =>
      humanSummary(summary, wishes.startAt, states),
    );
  } catch (error) {
    throw error instanceof SendStopped ? explained(error, context) : error;
  } finally {
    release();
  }
}

/** A stop is a failure that says how far the send came. */
function explained({ message, advice, facts, exitCode, summary }: SendStopped, context: Context): CommandFailed {
  if (!context.out.json && summary.draft !== null) context.out.note(rowsTable(summary.draft));
  return new CommandFailed(message, advice, { ...facts, send: jsonSummary(summary) }, exitCode);
}

function jsonSummary(summary: SendSummary): Record<string, unknown> {
  const { draft } = summary;
  return {
    file: summary.file,
    finished: summary.finished,
    already_sent: summary.alreadySent,
    resumed: summary.resumed,
    plan_id: draft?.plan_id ?? null,
    rows: draft?.total ?? null,
    accepted: draft?.accepted ?? null,
    rejected: draft?.rejected_by_reason ?? null,
    segments: draft?.segments ?? null,
    credits: draft?.credits ?? null,
    rejected_file: summary.rejectedFile,
    state_file: summary.stateFile,
    seconds: Math.round(summary.seconds * 1000) / 1000,
  };
}

function humanSummary(summary: SendSummary, startAt: string | null, states: Record<string, number> | null): string {
  const draft = summary.draft!;
  const lines = [
    rowsTable(draft),
    `plan ${draft.plan_id}, ${counted(draft.segments, 'segment')}, ${counted(draft.credits, 'credit')}, ${summary.seconds.toFixed(1)} s`,
  ];
  if (!summary.finished)
    lines.push('Nothing was sent. The draft waits for a day; the same command without --preview sends it.');
  else if (!summary.alreadySent) lines.push(startAt === null ? 'It is being sent.' : `It starts at ${startAt}.`);
  if (summary.alreadySent) {
    lines.push('This file was sent before; nothing was sent now (--restart sends all of it again).');
  }
  if (summary.rejectedFile !== null) lines.push(`The rejected rows, each with its reason: ${summary.rejectedFile}`);
  if (states !== null) lines.push(table(['state', 'messages'], Object.entries(states)));
  return lines.join('\n');
}
