import type { Random } from '../lib/random.ts';
import type { SubmitSm } from '../pdu/commands.ts';
import { REGISTERED_DELIVERY } from '../pdu/constants.ts';
import { STATUS } from '../pdu/statuses.ts';
import { idInReceipt, randomId } from './ids.ts';
import { findRule, happens, type Knobs, outcomePicker, type ReceiptOutcome, ruleStatus } from './knobs.ts';
import type { Stats } from './stats.ts';

/** What becomes of one submit_sm. */
export interface Verdict {
  /** What to answer. */
  readonly status: number;
  /** Empty when it is refused. */
  readonly messageId: string;
  /** Whether to answer at all. */
  readonly answered: boolean;
  /** What to report; `none` for nothing. */
  readonly receipt: ReceiptOutcome;
  /** Whether the receipt leaves before the answer. */
  readonly early: boolean;
}

/** Decides what becomes of each submit_sm, by the knobs as they stand. */
export class Judge {
  readonly knobs: Knobs;
  readonly #random: Random;
  readonly #stats: Stats;
  readonly #outcome: () => ReceiptOutcome;
  #second = 0;
  #thisSecond = 0;

  /** @param before the judge whose place this one takes; the current second's count goes on */
  constructor(knobs: Knobs, random: Random, stats: Stats, before?: Judge) {
    this.knobs = knobs;
    this.#random = random;
    this.#stats = stats;
    this.#outcome = outcomePicker(knobs.receipts, random);
    this.#second = before === undefined ? 0 : before.#second;
    this.#thisSecond = before === undefined ? 0 : before.#thisSecond;
  }

  /**
   * @param unanswered submit_sm of the same session that are accepted and not answered yet
   * @param earlierId the id that other parts of the message have, where all of them have one
   */
  judge(pdu: SubmitSm, unanswered: number, now: number, earlierId: string | undefined): Verdict {
    const { knobs } = this;
    const stats = this.#stats;
    stats.submits++;
    const rule = knobs.rules.length === 0 ? undefined : findRule(knobs.rules, pdu.destination_addr, this.#random);
    let status = rule === undefined ? STATUS.ESME_ROK : ruleStatus(rule);
    if (knobs.throttle !== null && this.#throttles(knobs.throttle.perSecond, now)) {
      status = STATUS.ESME_RTHROTTLED;
      stats.throttled++;
    } else if (knobs.maxUnanswered > 0 && unanswered >= knobs.maxUnanswered) status = STATUS.ESME_RMSGQFUL;
    const answered = rule?.silent !== true;
    if (status !== STATUS.ESME_ROK) {
      stats.refused++;
      return { status, messageId: '', answered, receipt: 'none', early: false };
    }
    stats.accepted++;
    const messageId = earlierId ?? randomId(knobs.ids, this.#random);
    const outcome = rule?.receipt ?? this.#outcome();
    const receipt = wantsReceipt(pdu.registered_delivery, outcome) ? outcome : 'none';
    const early = receipt !== 'none' && happens(knobs.earlyReceipts, this.#random);
    return { status, messageId, answered, receipt, early };
  }

  /** A message's id as its receipt names it. */
  receiptId(messageId: string): string {
    return idInReceipt(messageId, this.knobs.ids, this.knobs.receiptIds);
  }

  #throttles(perSecond: number, now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#thisSecond = 0;
    }
    return ++this.#thisSecond > perSecond;
  }
}

/** §5.2.17: no receipt, always one, or one for failures only. */
function wantsReceipt(registeredDelivery: number, outcome: ReceiptOutcome): boolean {
  switch (registeredDelivery & REGISTERED_DELIVERY.RECEIPT_MASK) {
    case REGISTERED_DELIVERY.FINAL:
      return true;
    case REGISTERED_DELIVERY.FAILURE:
      return outcome !== 'delivered';
    default:
      return false;
  }
}
