import { type Channel, receiptRulesOf } from '../domain/channel.ts';
import type { MessagePlace, Reader } from '../store/store.ts';

/** Somebody who wrote back, and the channel that came on. */
export interface WroteBack {
  channelId: number;
  /** E.164 without +. */
  recipient: number;
}

const PAGE = 50;
/** Messages to one number that are looked at; somebody who got more since came over other channels mostly. */
const PAGES = 4;

/**
 * For each, the business that last had a message to that number taken by the channel, or by another of its carrier account,
 * since a time; null: nobody did. What a text to nobody's number answers, as far as that can be known.
 */
export async function lastWriters(
  reader: Reader,
  input: { wrote: readonly WroteBack[]; since: number },
): Promise<(number | null)[]> {
  const channels = await reader.channels.list();
  const found: (number | null)[] = [];
  for (const { channelId, recipient } of input.wrote) {
    found.push(await lastWriter(reader, recipient, sameCarrier(channels, channelId), input.since));
  }
  return found;
}

async function lastWriter(
  reader: Reader,
  recipient: number,
  channelIds: readonly number[],
  since: number,
): Promise<number | null> {
  const any = { businessId: null, planId: null, state: null, until: null };
  let before: MessagePlace | null = null;
  for (let page = 0; page < PAGES; page++) {
    const { messages, next } = await reader.messages.list({ ...any, recipient, since, before, limit: PAGE });
    const last = messages.find((row) => row.submittedAt !== null && channelIds.includes(row.channelId ?? -1));
    if (last !== undefined) return last.businessId;
    if (next === null) return null;
    before = next;
  }
  return null;
}

/** A channel, and those whose reports may come on it. */
function sameCarrier(channels: readonly Channel[], channelId: number): readonly number[] {
  const own = channels.find(({ id }) => id === channelId);
  const group = own === undefined ? '' : receiptRulesOf(own).group;
  const others = channels.filter((channel) => group !== '' && receiptRulesOf(channel).group === group);
  return [channelId, ...others.map(({ id }) => id)];
}
