import type {
  BusinessWriter,
  ChannelWriter,
  PriceWriter,
  RouteWriter,
  SignatureWriter,
  TemplateWriter,
  Tx,
} from '../store.ts';
import { businessTable, credentialTable, installationTable } from './accounts.ts';
import { auditTable } from './audit.ts';
import { awaitingTable } from './awaiting.ts';
import { contentTable, signatureTable, templateTable } from './catalog.ts';
import { channelTable } from './channels.ts';
import type { Database } from './database.ts';
import { draftTable } from './drafts.ts';
import { eventTable } from './events.ts';
import { figureTables } from './figures.ts';
import { frequencyTable } from './frequency.ts';
import { idempotencyTable } from './idempotency.ts';
import { inPartsTable } from './in-parts.ts';
import { inboundTable } from './inbound.ts';
import { inboundNumberTable, keywordTable } from './inbound-numbers.ts';
import { leaseTable } from './leases.ts';
import { ledgerTable } from './ledger.ts';
import { listTable } from './lists.ts';
import { messageReader } from './message-reader.ts';
import { messageWriter } from './message-writer.ts';
import { noticeTable } from './notices.ts';
import { numberRunTable } from './number-runs.ts';
import type { Partitions } from './partitions.ts';
import { inviteTable, memberTable, sessionTable } from './people.ts';
import { PlanOwners } from './plan-owners.ts';
import { planTable } from './plans.ts';
import { costTable, priceTable } from './prices.ts';
import { reportLog } from './report-log.ts';
import { orphanTable, parkedTable } from './reports.ts';
import { retentionTable } from './retention.ts';
import { approvedTable, pictureTable } from './review.ts';
import { routeTable } from './routes.ts';
import { telling } from './rules.ts';
import { retryTable, uncertainTable } from './sending.ts';
import { sweepTable } from './sweeps.ts';
import { taskTable } from './tasks.ts';
import type { Turn } from './turn.ts';
import { webhookTable } from './webhooks.ts';

// Which changes others have to hear of, who keep rows in memory. Balances are read where they are moved.
const BUSINESS_CHANGES = {
  insert: false,
  setState: true,
  setPasswordHash: true,
  setTimeZone: true,
  setWeight: true,
  setLowBalance: true,
  setPayOnDelivery: true,
  moveCredits: false,
};
const REVIEWED_CHANGES = { insert: false, edit: true, review: true, delete: true };
const PRICE_CHANGES = { put: true, remove: true };
/** A new channel may be one of a receipt group. */
const CHANNEL_CHANGES = { insert: true, update: true, delete: true };
const ROUTE_CHANGES = {
  insert: true,
  update: true,
  delete: true,
  reorder: true,
  count: false,
  forgetFigures: false,
};

export function tables(db: Database, turn: Turn, partitions: Partitions): Tx {
  let depth = 0;
  const owners = new PlanOwners(db);
  return {
    installation: installationTable(db),
    businesses: telling<BusinessWriter>(turn, BUSINESS_CHANGES)(businessTable(db)),
    credentials: credentialTable(db),
    signatures: telling<SignatureWriter>(turn, REVIEWED_CHANGES)(signatureTable(db)),
    templates: telling<TemplateWriter>(turn, REVIEWED_CHANGES)(templateTable(db)),
    contents: contentTable(db),
    channels: telling<ChannelWriter>(turn, CHANNEL_CHANGES)(channelTable(db)),
    routes: telling<RouteWriter>(turn, ROUTE_CHANGES)(routeTable(db)),
    plans: planTable(db, owners),
    drafts: draftTable(db),
    sweeps: sweepTable(db),
    tasks: taskTable(db),
    ledger: ledgerTable(db),
    prices: telling<PriceWriter>(turn, PRICE_CHANGES)(priceTable(db)),
    costs: costTable(db),
    frequency: frequencyTable(db),
    retention: retentionTable(db, partitions),
    idempotency: idempotencyTable(db),
    leases: leaseTable(db),
    notices: noticeTable(db, turn),
    approved: approvedTable(db),
    pictures: pictureTable(db),
    messages: { ...messageReader(db), ...messageWriter(db, owners) },
    numberRuns: numberRunTable(db),
    events: eventTable(db),
    webhooks: webhookTable(db),
    retries: retryTable(db),
    uncertain: uncertainTable(db),
    figures: figureTables(db),
    orphans: orphanTable(db),
    reportLog: reportLog(db),
    inParts: inPartsTable(db, turn),
    inbound: inboundTable(db),
    inboundNumbers: inboundNumberTable(db),
    keywords: keywordTable(db),
    lists: listTable(db, turn),
    audit: auditTable(db),
    members: memberTable(db),
    sessions: sessionTable(db),
    invites: inviteTable(db),
    awaiting: awaitingTable(db),
    parked: parkedTable(db, turn),
    get rules() {
      return turn.rules;
    },
    nextId: (kind) => turn.nextId(kind),
    async savepoint(work) {
      const name = `s${depth++}`;
      try {
        db.mark(name);
        const result = await work();
        await db.keep(name);
        return result;
      } catch (error) {
        await db.undo(name);
        throw error;
      } finally {
        depth--;
      }
    },
  };
}
