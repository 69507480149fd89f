import { REPEAT_WITHIN_MS } from '../domain/inbound.ts';
import type { Store, Tx } from '../store/store.ts';
import { RecentInbound } from './recent-inbound.ts';
import { RecipientLists } from './recipient-lists.ts';

// What verbs keep in memory beside the store, as a start finds it there.

/** Everybody who is not written to. */
export async function rememberLists(store: Store): Promise<RecipientLists> {
  const lists = new RecipientLists();
  await store.read((reader) =>
    reader.lists.all((list, businessId, recipient) => lists.add(list, businessId, [recipient])),
  );
  return lists;
}

/** What other processes have changed on them. */
export async function followLists(tx: Tx, lists: RecipientLists): Promise<void> {
  const news = await tx.lists.news();
  if (news === null) {
    lists.clear();
    await tx.lists.all((list, businessId, recipient) => lists.add(list, businessId, [recipient]));
    return;
  }
  for (const { list, businessId, recipient, listed } of news) {
    lists[listed ? 'add' : 'remove'](list, businessId, [recipient]);
  }
}

/** SMS that carriers may deliver again. */
export async function rememberInbound(store: Store, now: number): Promise<RecentInbound> {
  const recent = new RecentInbound();
  await store.read((reader) => reader.inbound.seenSince(now - REPEAT_WITHIN_MS, (seen) => recent.note(seen)));
  return recent;
}
