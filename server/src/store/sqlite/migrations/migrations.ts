import { first } from './0001-first.ts';
import { planLife } from './0002-plan-life.ts';
import { lanes } from './0003-lanes.ts';
import { frequency } from './0004-frequency.ts';
import { webhooks } from './0005-webhooks.ts';
import { drafts } from './0006-drafts.ts';
import { engagelab } from './0007-engagelab.ts';
import { keyUse } from './0009-key-use.ts';
import { pricesAndFigures } from './0010-prices-and-figures.ts';
import { receipts } from './0011-receipts.ts';
import { routes } from './0012-routes.ts';
import { numberRuns } from './0013-number-runs.ts';
import { inbound } from './0014-inbound.ts';
import { contentTemplate } from './0015-content-template.ts';
import { people } from './0016-people.ts';
import { audit } from './0017-audit.ts';
import { searches } from './0018-searches.ts';
import { reviewMaterial } from './0020-review-material.ts';
import { frequencyTimes } from './0021-frequency-times.ts';
import { tasks } from './0022-tasks.ts';
import { ledgerOpenings } from './0023-ledger-openings.ts';
import { routeFigures } from './0024-route-figures.ts';
import { cheapConditions } from './0025-cheap-conditions.ts';
import { tests } from './0026-tests.ts';
import { figureSpans } from './0027-figure-spans.ts';
import { oldParts } from './0028-old-parts.ts';
import { joinedEvents } from './0029-joined-events.ts';

/** Every step from an empty file to this version's schema, in order. Steps that have been released never change. */
export const migrations: readonly string[] = [
  first,
  planLife,
  lanes,
  frequency,
  webhooks,
  drafts,
  engagelab,
  keyUse,
  pricesAndFigures,
  receipts,
  routes,
  numberRuns,
  inbound,
  contentTemplate,
  people,
  audit,
  searches,
  reviewMaterial,
  frequencyTimes,
  tasks,
  ledgerOpenings,
  routeFigures,
  cheapConditions,
  tests,
  figureSpans,
  oldParts,
  joinedEvents,
];
