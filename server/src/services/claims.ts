import type { Category } from '../domain/category.ts';
import type { Plan } from '../domain/plan.ts';
import type { NewMessages, OpenedMessages } from '../store/store.ts';
import type { Notice } from './verb.ts';

interface Columns {
  lane: Category;
  channelId: number;
  planIds: number[];
  businessIds: number[];
  indexes: number[];
  recipients: number[];
  contentIds: number[];
  parameters: (string | null)[];
}

/** Messages claimed as they were accepted, gathered for the channels that send them. */
export class ClaimBatch {
  readonly #columns: Columns[] = [];

  add(channelId: number, plan: Pick<Plan, 'businessId' | 'category' | 'contentId'>, messages: NewMessages): void {
    const columns = this.#of(plan.category, channelId);
    for (let i = 0; i < messages.recipients.length; i++) {
      columns.planIds.push(messages.planId);
      columns.businessIds.push(plan.businessId);
      columns.indexes.push(messages.from + i);
      columns.recipients.push(messages.recipients[i]!);
      columns.contentIds.push(plan.contentId);
      columns.parameters.push(messages.parameters?.[i] ?? null);
    }
  }

  notices(): Notice[] {
    return this.#columns.map(({ lane, channelId, ...columns }) => {
      const opened: OpenedMessages = {
        planIds: Float64Array.from(columns.planIds),
        businessIds: Float64Array.from(columns.businessIds),
        indexes: Uint32Array.from(columns.indexes),
        recipients: Float64Array.from(columns.recipients),
        contentIds: Float64Array.from(columns.contentIds),
        parameters: columns.parameters.some((json) => json !== null) ? columns.parameters : null,
      };
      return { kind: 'claimed', lane, channelId, opened };
    });
  }

  #of(lane: Category, channelId: number): Columns {
    let columns = this.#columns.find((known) => known.lane === lane && known.channelId === channelId);
    if (columns === undefined) {
      columns = {
        lane,
        channelId,
        planIds: [],
        businessIds: [],
        indexes: [],
        recipients: [],
        contentIds: [],
        parameters: [],
      };
      this.#columns.push(columns);
    }
    return columns;
  }
}
