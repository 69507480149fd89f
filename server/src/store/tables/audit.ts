import type { AuditActor, AuditEntry, AuditObject } from '../../domain/audit.ts';

/** Which entries; what is left out is not asked for. */
export interface AuditFilter {
  businessId?: number;
  by?: Pick<AuditActor, 'kind'> & { id: number };
  action?: string;
  object?: AuditObject;
  objectId?: string;
  /** From this time on, and before that one. */
  from?: number;
  to?: number;
}

export interface AuditReader {
  /** Newest first, before `before` (an id). */
  list(filter: AuditFilter, before: number | null, limit: number): Promise<AuditEntry[]>;
}

/** Entries are only added. */
export interface AuditWriter {
  add(entry: Omit<AuditEntry, 'id'>): Promise<void>;
}
