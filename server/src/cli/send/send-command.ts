import { isCountry } from '../../domain/recipient.ts';
import type { Context } from '../context.ts';
import { CommandFailed, usageError } from '../failure.ts';
import { grouped, table } from '../output.ts';
import { follow } from './follow.ts';
import { lock } from './lock.ts';
import { besides, SendStopped, type SendSummary, type SendWishes, sendFile } from './send-file.ts';

/** Why rows are not sent, in words. */
const REASONS: Record<string, string> = {
  no_number: 'no number',
  invalid_number: 'not a mobile number',
  duplicate: 'number given before',
  missing_value: 'a variable without a value',
  bad_value: 'a value that cannot be sent',
  too_often: 'over the limit to one number',
  refused: 'refused by the server',
  uncertain: 'may have been sent',
};

/** Sends a file and says what became of it, holding the file's lock. */
export async function sendCommand(context: Context, wishes: SendWishes, wait: boolean): Promise<void> {
  if (wishes.country !== undefined && !isCountry(wishes.country)) {
    throw usageError(`${wishes.country} is not the two-letter code of a country`);
  }
  const client = await context.client();
  const release = lock(besides(wishes.file).lock);
  try {
    const summary = await sendFile(wishes, client, context.world);
    const states = wait
      ? await follow(summary.uuids, summary.accepted, client, context.world, context.world.interruption())
      : null;
    context.out.result({ ...jsonSummary(summary), ...(states && { states }) }, () => {
      const text = humanSummary(summary);
      return states === null ? text : `${text}\n${table(['state', 'messages'], Object.entries(states))}`;
    });
  } catch (error) {
    throw error instanceof SendStopped ? explained(error, context) : error;
  } finally {
    release();
  }
}

/** A stop is a failure that says how far the send came. */
function explained({ message, advice, facts, exitCode, summary }: SendStopped, context: Context): CommandFailed {
  if (!context.out.json) context.out.note(humanSummary(summary));
  return new CommandFailed(message, advice, { ...facts, send: jsonSummary(summary) }, exitCode);
}

function jsonSummary(summary: SendSummary): Record<string, unknown> {
  return {
    file: summary.file,
    finished: summary.finished,
    already_sent: summary.alreadySent,
    resumed: summary.resumed,
    rows: summary.rows,
    accepted: summary.accepted,
    rejected: summary.rejected,
    requests: summary.uuids.length,
    uuids: summary.uuids,
    rejected_file: summary.rejectedFile,
    state_file: summary.stateFile,
    seconds: Math.round(summary.seconds * 1000) / 1000,
  };
}

function humanSummary(summary: SendSummary): string {
  const rejected = Object.entries(summary.rejected).map(([code, count]) => [
    `rejected: ${REASONS[code] ?? code}`,
    count,
  ]);
  const lines = [
    table(['rows', 'count'], [['in the file', summary.rows], ['accepted', summary.accepted], ...rejected]),
    `${grouped(summary.uuids.length)} requests, ${summary.seconds.toFixed(1)} s`,
  ];
  if (summary.alreadySent) {
    lines.push('This file was sent before; nothing was sent now (--restart sends all of it again).');
  }
  if (summary.rejectedFile !== null) lines.push(`The rejected rows, each with its reason: ${summary.rejectedFile}`);
  return lines.join('\n');
}
