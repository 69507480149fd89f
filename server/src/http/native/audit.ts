import Type from 'typebox';
import { AUDIT_OBJECTS, type AuditEntry } from '../../domain/audit.ts';
import { type Actor, VIAS } from '../../domain/credential.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk } from '../../services/desk.ts';
import type { AuditFilter } from '../../store/store.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, closed, Id, IdText, listOf, orNull, pageQuery, Time, withNumbers, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { Moment, momentOf } from './moment.ts';
import { scopeOf } from './scope.ts';

const View = (description: string) =>
  withNumbers('within', orNull(Type.Object({}, { additionalProperties: true, description })));

const AuditBody = closed(
  {
    id: Id,
    at: Time,
    by: closed({
      kind: word(['member', 'key', 'business', 'house', 'staff']),
      id: { ...orNull(Id), description: 'of the member, API key or business; null: nobody, or nobody you may know' },
      name: Type.String({ description: 'its name, or the public half of the key, as it was then' }),
    }),
    address: Type.String({ description: 'IP address it came from; empty: the platform itself, or the staff' }),
    via: word([...VIAS, 'house'], 'the way in: a dialect, the console, or the platform itself'),
    action: Type.String({ description: 'what was done, such as signature.review' }),
    object: word(AUDIT_OBJECTS),
    object_id: Type.String({ description: 'empty: it has none' }),
    business_id: { ...orNull(Id), description: "whose it is; null: the installation's" },
    before: View('what changed of it, as it was; all of it when it was taken away; secrets hidden'),
    after: View('the same as it is now, with what the change said'),
  },
  { title: 'AuditEntry' },
);

/** An entry as `actor` may see it: who of the staff did something, and where they were, a business is not told. */
function view(entry: AuditEntry, actor: Actor) {
  const { by } = entry;
  const hidden = by.staff && !actor.admin;
  return {
    id: entry.id,
    at: isoTime(entry.at),
    by: hidden ? { kind: 'staff' as const, id: null, name: '' } : { kind: by.kind, id: by.id, name: by.name },
    address: hidden ? '' : entry.address,
    via: entry.via,
    action: entry.action,
    object: entry.object,
    object_id: entry.objectId,
    business_id: entry.businessId,
    before: entry.before,
    after: entry.after,
  };
}

/** Who changed what. */
export const auditEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /audit',
    {
      tag: 'audit',
      summary: 'Every change that was made, newest first: who, from where, before and after',
      // Where people sign in from is nothing for a key that only reads.
      permission: 'manage',
      query: closed({
        ...pageQuery,
        ...businessQuery,
        member_id: Type.Optional(IdText),
        key_id: Type.Optional(IdText),
        action: Type.Optional(Type.String({ maxLength: 64, description: 'an action, such as signature.review' })),
        object: Type.Optional(word(AUDIT_OBJECTS)),
        object_id: Type.Optional(Type.String({ maxLength: 64, description: 'an id, with object' })),
        from: Type.Optional(Moment),
        to: Type.Optional(Moment),
      }),
      answer: listOf(AuditBody),
    },
    async ({ actor, query }) => {
      const limit = limitOf(query);
      const businessId = await scopeOf(desk, actor, query);
      const filter: AuditFilter = {
        ...(businessId !== null && { businessId }),
        ...(query.member_id !== undefined && { by: { kind: 'member', id: Number(query.member_id) } }),
        ...(query.key_id !== undefined && { by: { kind: 'key', id: Number(query.key_id) } }),
        ...(query.action !== undefined && { action: query.action }),
        ...(query.object !== undefined && { object: query.object }),
        ...(query.object_id !== undefined && { objectId: query.object_id }),
        ...(query.from !== undefined && { from: momentOf('from', query.from)! }),
        ...(query.to !== undefined && { to: momentOf('to', query.to)! }),
      };
      const before = placeOf(query, 1)?.[0] ?? null;
      const entries = await desk.ask('listAudit', { filter, before, limit: limit + 1 });
      return pageOf(
        entries,
        limit,
        (last) => [last.id],
        (entry) => view(entry, actor),
      );
    },
  ),
];
