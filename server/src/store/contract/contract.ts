import { afterEach, beforeEach, describe } from 'vitest';
import { accountsContract } from './accounts.ts';
import { auditContract } from './audit.ts';
import { catalogContract } from './catalog.ts';
import { draftsContract } from './drafts.ts';
import { figureSpansContract } from './figure-spans.ts';
import { figuresContract } from './figures.ts';
import { frequencyContract } from './frequency.ts';
import { inboundContract } from './inbound.ts';
import { messagesContract } from './messages.ts';
import { moneyContract } from './money.ts';
import { numberRunsContract } from './number-runs.ts';
import { peopleContract } from './people.ts';
import { plansContract } from './plans.ts';
import { pricesContract } from './prices.ts';
import { retentionContract } from './retention.ts';
import type { OpenedStore, OpenStore, TheStore } from './seed.ts';
import { sendingContract } from './sending.ts';
import { singlesContract } from './singles.ts';
import { tasksContract } from './tasks.ts';
import { transactionsContract } from './transactions.ts';
import { webhooksContract } from './webhooks.ts';

/** What is promised of one subject, as tests of the store they are given. */
export type Contract = (theStore: TheStore) => void;

const ALL: readonly Contract[] = [
  transactionsContract,
  accountsContract,
  catalogContract,
  plansContract,
  draftsContract,
  messagesContract,
  singlesContract,
  numberRunsContract,
  sendingContract,
  moneyContract,
  pricesContract,
  figuresContract,
  figureSpansContract,
  frequencyContract,
  retentionContract,
  webhooksContract,
  tasksContract,
  inboundContract,
  peopleContract,
  auditContract,
];

/**
 * What every store promises (store.ts). `open` gives an empty one, a new one for each test.
 * @param without those of subjects the store does not have yet
 */
export function storeContract(name: string, open: OpenStore, without: readonly Contract[] = []): void {
  describe(name, () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.dispose());
    for (const contract of ALL) if (!without.includes(contract)) contract(() => opened.store);
  });
}
