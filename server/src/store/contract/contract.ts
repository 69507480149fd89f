import { afterEach, beforeEach, describe } from 'vitest';
import { accountsContract } from './accounts.ts';
import { catalogContract } from './catalog.ts';
import { messagesContract } from './messages.ts';
import { moneyContract } from './money.ts';
import { plansContract } from './plans.ts';
import type { OpenedStore, OpenStore } from './seed.ts';
import { sendingContract } from './sending.ts';
import { transactionsContract } from './transactions.ts';

/** What every store promises (store.ts). `open` gives an empty one, a new one for each test. */
export function storeContract(name: string, open: OpenStore): void {
  describe(name, () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.dispose());
    const theStore = () => opened.store;

    transactionsContract(theStore);
    accountsContract(theStore);
    catalogContract(theStore);
    plansContract(theStore);
    messagesContract(theStore);
    sendingContract(theStore);
    moneyContract(theStore);
  });
}
