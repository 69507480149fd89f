import { type AnswerWords, type HttpAnswer, type Judged, judgeAnswer } from './http-answer.ts';
import {
  type CallbackInbound,
  type CallbackReport,
  carrierIdOf,
  errorOf,
  MAX_CALLBACK_ITEMS,
  phoneOf,
  recipientOf,
} from './http-callback.ts';
import { textAt, valueAt } from './json-path.ts';
import type { ReportedState } from './message.ts';

/** What the other side's codes mean for a message (its page of errors); statuses beside them mean what they always do. */
const ANSWERS: AnswerWords = {
  success: { statuses: ['200'], path: '', equals: [] },
  messageId: 'message_id',
  errorText: 'message',
  errors: [
    // Who we are: no other message would fare better.
    rule(['403'], 2004, 'trouble'),
    // What could be read, but says nothing it can send: also when the number is none.
    rule(['400'], 3001, 'never'),
    rule(['400'], 3002, 'never'),
    // Template or signature not approved there, or another rule of its own: ours was approved, another carrier may send it.
    rule(['400'], 3003, 'elsewhere'),
    // It counts what others send through the same account, too.
    rule(['400'], 3004, 'elsewhere'),
    rule(['400'], 4001, 'elsewhere'),
    rule(['400', '5xx'], 5001, 'elsewhere'),
    // The key was used with another body: it has the message, from before the settings of the channel were changed.
    rule(['422'], 3003, 'accepted'),
  ],
};

function rule(statuses: string[], code: number, outcome: Judged['outcome']) {
  return { statuses, path: 'code', equals: [code], outcome, text: '' };
}

/** Judges an answer to POST /v1/messages. */
export function judgeEngagelab(answer: HttpAnswer): Judged {
  const judged = judgeAnswer(ANSWERS, answer);
  // Our credits there are used up: what waits is sent when there are some again, or by another channel meanwhile.
  if (judged.outcome === 'elsewhere' && /\bbalance\b/i.test(judged.error)) return { ...judged, outcome: 'trouble' };
  if (judged.outcome === 'accepted' && judged.carrierId === '' && answer.status === 200) {
    return { outcome: 'unknown', carrierId: '', error: 'its answer cannot be read' };
  }
  return judged;
}

/** What a row of a callback makes of a message; those on the way are not in it. */
const STATES: Readonly<Record<string, ReportedState>> = {
  delivered: 'delivered',
  delivered_failed: 'undelivered',
  // It took the message and could not hand it on.
  sent_failed: 'undelivered',
};

/** Error codes that say more than the state beside them. */
const STATE_BY_CODE: Readonly<Record<string, ReportedState>> = {
  5014: 'rejected',
  5015: 'rejected',
  5018: 'expired',
};

/** What a callback says; null when it is none. Rows on the way and notifications are passed over. */
export function readEngagelab(value: unknown): { reports: CallbackReport[]; inbound: CallbackInbound[] } | null {
  const rows = valueAt(value, 'rows');
  if (!Array.isArray(rows) || rows.length > MAX_CALLBACK_ITEMS) return null;
  const reports: CallbackReport[] = [];
  const inbound: CallbackInbound[] = [];
  for (const row of rows) {
    if (textAt(row, 'response.event') === 'uplink_message') {
      const data = valueAt(row, 'response.response_data');
      const from = phoneOf(textAt(data, 'from'));
      if (from !== '')
        inbound.push({ id: textAt(data, 'message_sid'), from, to: textAt(data, 'to'), text: textAt(data, 'body') });
      continue;
    }
    const state = STATES[textAt(row, 'status.message_status')];
    const carrierId = carrierIdOf(textAt(row, 'message_id'));
    if (state === undefined || carrierId === '') continue;
    const code = textAt(row, 'status.error_code');
    reports.push({
      carrierId,
      recipient: recipientOf(textAt(row, 'to')),
      state: state === 'delivered' ? state : (STATE_BY_CODE[code] ?? state),
      error: state === 'delivered' ? '' : errorOf(code),
    });
  }
  return { reports, inbound };
}
