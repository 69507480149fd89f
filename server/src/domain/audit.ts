import type { Caller } from './credential.ts';

/** What a change can be made to. */
export const AUDIT_OBJECTS = [
  'business',
  'key',
  'member',
  'invite',
  'session',
  'signature',
  'picture',
  'template',
  'plan',
  'channel',
  'route',
  'price',
  'cost',
  'webhook',
  'inbound',
  'inbound-number',
  'keyword',
  'opt-words',
  'list',
  'figures',
  'numbers',
  'task',
  'queue',
] as const;
export type AuditObject = (typeof AUDIT_OBJECTS)[number];

/** Who is behind a change; `house`: nobody but the platform itself, or whoever has its data directory. */
export interface AuditActor {
  kind: Caller['kind'] | 'house';
  /** Null: the house. */
  id: number | null;
  name: string;
  /** Whether it belongs to those who run the platform. */
  staff: boolean;
}

export type AuditVia = Caller['via'] | 'house';

/** A part of what something looked like: what changed of it, or all of it when it came or went; secrets hidden. */
export type AuditView = { readonly [name: string]: unknown };

/** One change, as the audit log keeps it. */
export interface AuditEntry {
  id: number;
  at: number;
  by: AuditActor;
  /** IP address; empty: the house. */
  address: string;
  via: AuditVia;
  /** Kind of object and what was done, `signature.review`. */
  action: string;
  object: AuditObject;
  /** Empty: there is only one, or it has no id. */
  objectId: string;
  /** Whose it is; null: the installation's. */
  businessId: number | null;
  before: AuditView | null;
  after: AuditView | null;
}

/** Fields whose values nobody is shown. That they changed is. */
const SECRET = /password|secret|token|authorization|tlskey|hash/i;
const HIDDEN = '(hidden)';
/** Fields that change with everything and tell nothing. */
const NOISE = new Set(['updatedAt', 'version']);
/** Characters of JSON that a side of an entry may have. */
const MAX_VIEW_LENGTH = 8_000;

/**
 * What two looks at one thing tell apart; of something that came or went, all of it. Null for nothing.
 * @param said what the change itself says beside that
 */
export function auditViews(
  before: AuditView | null,
  after: AuditView | null,
  said: AuditView | null = null,
): { before: AuditView | null; after: AuditView | null } {
  const [was, is] = before === null || after === null ? [before, after] : changesOf(before, after);
  const told = said === null ? is : { ...is, ...said };
  return { before: shown(was), after: shown(told) };
}

/** The fields that differ, as they were and as they are; of objects within, again only those. */
function changesOf(before: AuditView, after: AuditView): [AuditView | null, AuditView | null] {
  const was: Record<string, unknown> = {};
  const is: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [from, to] = [before[name], after[name]];
    if (NOISE.has(name) || JSON.stringify(from) === JSON.stringify(to)) continue;
    if (isView(from) && isView(to)) [was[name], is[name]] = changesOf(from, to);
    else [was[name], is[name]] = [from, to];
  }
  return Object.keys({ ...was, ...is }).length === 0 ? [null, null] : [was, is];
}

const isView = (value: unknown): value is AuditView =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function shown(view: AuditView | null): AuditView | null {
  if (view === null) return null;
  const hidden = hide(view) as AuditView;
  const text = JSON.stringify(hidden);
  return text.length <= MAX_VIEW_LENGTH ? hidden : { cut: text.slice(0, MAX_VIEW_LENGTH).toWellFormed() };
}

function hide(value: unknown, name = ''): unknown {
  // Whether there is a secret is none.
  if (SECRET.test(name) && typeof value !== 'boolean' && value !== null && value !== undefined) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => hide(item));
  if (!isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner, key)]));
}
