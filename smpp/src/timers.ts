/** The limits of one session's waiting, in milliseconds (§7.2); 0 switches one off. */
export interface TimerLimits {
  /** session_init_timer: from the connection to the end of the bind. */
  readonly bindTimeoutMs: number;
  /** response_timer: from a request to its response; it runs out only for a peer that is known to have lived that long. */
  readonly responseTimeoutMs: number;
  /** enquire_link_timer: silence of the peer before it is asked whether it lives. */
  readonly enquireLinkMs: number;
  /** inactivity_timer: time without any message before the session is given up. */
  readonly inactivityMs: number;
}

/** What the timers of a session depend on; moments are the clock's. */
export interface TimerState {
  /** When the connection was made, while no bind is complete. */
  readonly bindingSince: number | undefined;
  /** When the last PDU came in: until then the peer is known to have lived. */
  readonly lastReceivedAt: number;
  /** When the last message, or the response to one, was sent or came in; links are kept alive by other PDUs, too. */
  readonly lastMessageAt: number;
  /** When an enquire_link was sent, while nothing came in since: any PDU proves that the peer lives. */
  readonly enquiringSince: number | undefined;
  /** When the oldest request without response was sent. */
  readonly oldestSentAt: number | undefined;
  /** When the unbind was sent whose response is missing. */
  readonly unbindingSince: number | undefined;
  /** Whether reading has stopped: what is not read cannot be missed. */
  readonly paused: boolean;
  /** When reading last went on after a stop. */
  readonly resumedAt: number;
  /** Since when the peer has not taken what it is sent. */
  readonly congestedSince: number | undefined;
}

/** What a session has to do now. */
export type Due =
  | { readonly kind: 'bind-timeout' }
  | { readonly kind: 'unbind-timeout' }
  | { readonly kind: 'link-dead' }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'enquire' }
  /** Requests sent at or before the moment have waited long enough. */
  | { readonly kind: 'expire'; readonly sentAtOrBefore: number };

/** What is due at a moment, and when to look again; undefined when nothing can become due by itself. */
export interface NextStep {
  readonly due: readonly Due[];
  readonly wakeAt: number | undefined;
}

const NOTHING: readonly Due[] = [];

/** Decides, from a session's state alone, what is due and when to look again. */
export function nextStep(state: TimerState, limits: TimerLimits, now: number): NextStep {
  const due: Due[] = [];
  let wakeAt = Number.POSITIVE_INFINITY;
  const check = (since: number | undefined, limitMs: number, then: Due): void => {
    if (since === undefined || limitMs === 0) return;
    if (now >= since + limitMs) due.push(then);
    else wakeAt = Math.min(wakeAt, since + limitMs);
  };

  check(state.bindingSince, limits.bindTimeoutMs, { kind: 'bind-timeout' });
  check(state.congestedSince, limits.responseTimeoutMs, { kind: 'link-dead' });
  if (state.bindingSince === undefined && !state.paused) {
    const heard = (since: number | undefined) => (since === undefined ? undefined : Math.max(since, state.resumedAt));
    const { responseTimeoutMs } = limits;
    check(heard(state.unbindingSince), responseTimeoutMs, { kind: 'unbind-timeout' });
    const asks = limits.enquireLinkMs > 0 && state.unbindingSince === undefined;
    // Only of a peer that lives it can be said that it did not answer; of the others the link is lost.
    const livedUntil = asks ? state.lastReceivedAt : now;
    const oldestSentAt = heard(state.oldestSentAt);
    const overdueAt =
      responseTimeoutMs === 0 || oldestSentAt === undefined ? undefined : oldestSentAt + responseTimeoutMs;
    const inDoubt = overdueAt !== undefined && now >= overdueAt && livedUntil < overdueAt;
    if (!inDoubt)
      check(oldestSentAt, responseTimeoutMs, { kind: 'expire', sentAtOrBefore: livedUntil - responseTimeoutMs });
    if (state.enquiringSince !== undefined) {
      check(heard(state.enquiringSince), responseTimeoutMs, { kind: 'link-dead' });
    } else if (inDoubt) {
      due.push({ kind: 'enquire' });
    } else if (state.unbindingSince === undefined) {
      check(heard(state.lastReceivedAt), limits.enquireLinkMs, { kind: 'enquire' });
    }
    check(heard(state.lastMessageAt), limits.inactivityMs, { kind: 'inactive' });
  }
  return { due: due.length === 0 ? NOTHING : due, wakeAt: wakeAt === Number.POSITIVE_INFINITY ? undefined : wakeAt };
}

/** How late a timer may fire before it says something about this process instead of the peer. */
export const LATE_WAKE_MS = 250;

/**
 * A process that was held up (garbage collection, a stopped machine) finds its timers due before it has read what lay
 * in its sockets all along. A wake that comes this late decides nothing yet: the sockets are read first.
 */
export function isLateWake(wakeAt: number, now: number): boolean {
  return now - wakeAt > LATE_WAKE_MS;
}
