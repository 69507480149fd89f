import { type AuditEntry, type AuditObject, type AuditView, auditViews } from '../domain/audit.ts';
import type { Caller } from '../domain/credential.ts';
import type { AuditFilter, Reader, Tx } from '../store/store.ts';
import type { ActorRef, Answer, Ctx, Verb } from './verb.ts';

/** How something looks now. */
export interface Look {
  id: string;
  /** Whose it is; null: the installation's. */
  businessId: number | null;
  view: AuditView;
}

/** Who is behind a change. Caller null: the house. */
export interface Behind {
  caller: Caller | null;
  staff: boolean;
  /** Whose person it is; null: the staff's. */
  businessId: number | null;
}

/** How a change is told in the audit log. */
export interface Audit<I, V> {
  action: string;
  object: AuditObject;
  /** Which one it is made to. Before the change there is no value; null: there is none yet, or it has no look. */
  id?(input: I, value: V | null): number | string | null;
  /** Whose it is, where neither the look tells nor who is behind it. */
  owner?(input: I, value: V): number | null;
  /** What the change says beside what it changed; null: nothing. */
  said?(input: I, value: V): AuditView | null;
  /** Who is behind it, where it brings no actor. */
  behind?(reader: Reader, input: I, value: V): Promise<Behind>;
  /** Whether to say nothing when nothing is seen to have changed. */
  onlyWhenSeen?: true;
}

/**
 * Why a change is not in the audit log: it is traffic, which has a history of its own, or the house's own work, behind
 * which stands nobody.
 */
export type Unaudited = 'traffic' | 'upkeep';

/** How things look, by kind; kinds without an entry are told by what the change says. */
export type Looks = { readonly [O in AuditObject]?: (reader: Reader, id: number | string) => Promise<Look | null> };

/** A verb that tells of each of its changes in the transaction that makes it. */
export function audited<I, V>(verb: Verb<I, V>, audit: Audit<I, V>, looks: Looks): Verb<I, V> {
  const look = async (tx: Tx, id: number | string | null | undefined): Promise<Look | null> =>
    id == null ? null : ((await looks[audit.object]?.(tx, id)) ?? null);
  return {
    ...verb,
    async run(tx, ctx, inputs) {
      const answers: Answer<V>[] = [];
      for (const input of inputs) {
        const before = await look(tx, audit.id?.(input, null));
        const [answer] = await verb.run(tx, ctx, [input]);
        answers.push(answer!);
        if (!('value' in answer!)) continue;
        const after = await look(tx, audit.id?.(input, answer.value));
        await note(tx, ctx, audit, input, answer.value, before, after);
      }
      return answers;
    },
  };
}

async function note<I, V>(
  tx: Tx,
  ctx: Ctx,
  audit: Audit<I, V>,
  input: I,
  value: V,
  before: Look | null,
  after: Look | null,
): Promise<void> {
  const views = auditViews(before?.view ?? null, after?.view ?? null, audit.said?.(input, value) ?? null);
  if (audit.onlyWhenSeen && views.before === null && views.after === null) return;
  const look = after ?? before;
  const { caller, staff, businessId } = (await audit.behind?.(tx, input, value)) ?? behindActor(input);
  await tx.audit.add({
    at: ctx.now(),
    by:
      caller === null
        ? { kind: 'house', id: null, name: '', staff: true }
        : { kind: caller.kind, id: caller.id, name: caller.name, staff },
    address: caller?.address ?? '',
    via: caller?.via ?? 'house',
    action: audit.action,
    object: audit.object,
    objectId: look?.id ?? String(audit.id?.(input, value) ?? ''),
    businessId: audit.owner === undefined ? (look === null ? businessId : look.businessId) : audit.owner(input, value),
    ...views,
  });
}

function behindActor(input: unknown): Behind {
  const { actor } = input as { actor?: ActorRef | null };
  const staff = actor?.admin ?? true;
  return { caller: actor?.caller ?? null, staff, businessId: staff ? null : actor!.businessId };
}

/** Entries of the audit log, newest first, before an id. */
export const listAudit = (
  reader: Reader,
  input: { filter: AuditFilter; before: number | null; limit: number },
): Promise<AuditEntry[]> => reader.audit.list(input.filter, input.before, input.limit);
