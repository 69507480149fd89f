import { turn } from './0001-turn.ts';
import { accounts } from './0002-accounts.ts';
import { catalog } from './0003-catalog.ts';
import { plans } from './0004-plans.ts';
import { money } from './0005-money.ts';
import { messages } from './0006-messages.ts';
import { sending } from './0007-sending.ts';
import { telling } from './0008-telling.ts';
import { inbound } from './0009-inbound.ts';
import { leases } from './0010-leases.ts';
import { people } from './0011-people.ts';
import { audit } from './0012-audit.ts';
import { reviewMaterial } from './0020-review-material.ts';
import { frequencyTimes } from './0021-frequency-times.ts';
import { notices } from './0022-notices.ts';
import { tasks } from './0023-tasks.ts';
import { nodeFacts } from './0024-node-facts.ts';
import { ledgerOpenings } from './0025-ledger-openings.ts';
import { routeFigures } from './0026-route-figures.ts';
import { searches } from './0027-searches.ts';
import { tests } from './0028-tests.ts';
import { figureSpans } from './0029-figure-spans.ts';
import { rules } from './0030-rules.ts';
import { newestFirst } from './0031-newest-first.ts';

/**
 * The steps of one version of the schema, each a statement. Nodes of the version before go on working while they run and
 * after them, so steps add and never take away what those use. `table` is what stands behind the columns of a new table.
 */
export type Migration = (table: string) => readonly string[];

/** From an empty database to this version's schema, in order. Those that have been released never change. */
export const migrations: readonly Migration[] = [
  turn,
  accounts,
  catalog,
  plans,
  money,
  messages,
  sending,
  telling,
  inbound,
  leases,
  reviewMaterial,
  frequencyTimes,
  notices,
  people,
  audit,
  tasks,
  nodeFacts,
  ledgerOpenings,
  routeFigures,
  searches,
  tests,
  figureSpans,
  rules,
  newestFirst,
];
