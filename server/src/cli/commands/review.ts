import { identifier } from '../arguments.ts';
import type { Register } from '../context.ts';
import { usageError } from '../failure.ts';
import { table } from '../output.ts';

interface Queued {
  id: number;
  user: string;
  updated_at: string;
  checks: { name: string; good: boolean; found: string }[];
}
interface QueuedSignature extends Queued {
  signature: string;
}
interface QueuedTemplate extends Queued {
  template: string;
}
interface ReviewQueue {
  signatures: QueuedSignature[];
  templates: QueuedTemplate[];
  next_cursor: string | null;
}

const KINDS = { signature: 'signatures', template: 'templates' } as const;

/** What a reviewer should look at first, in a cell. */
const lookAt = ({ checks }: Queued): string =>
  checks
    .filter(({ good }) => !good)
    .map(({ name, found }) => (found === '' ? name : `${name} (${found})`))
    .join(', ');

/** `signet review …`: the administrator's decisions on signatures and templates. */
export const registerReview: Register = (parent, act) => {
  const review = parent.command('review').description('signatures and templates that wait for a decision');

  review
    .command('list')
    .description('what waits, oldest first')
    .action(
      act(async (context) => {
        const client = await context.client();
        const queue: Omit<ReviewQueue, 'next_cursor'> = { signatures: [], templates: [] };
        for (let cursor: string | null = ''; cursor !== null; ) {
          const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
          const page: ReviewQueue = await client.native('GET', `/review-queue?limit=1000${query}`);
          queue.signatures.push(...page.signatures);
          queue.templates.push(...page.templates);
          cursor = page.next_cursor;
        }
        context.out.result(queue, () =>
          table(
            ['kind', 'id', 'user', 'text', 'since', 'look at'],
            [
              ...queue.signatures.map((item) => [
                'signature',
                item.id,
                item.user,
                item.signature,
                item.updated_at,
                lookAt(item),
              ]),
              ...queue.templates.map((item) => [
                'template',
                item.id,
                item.user,
                item.template,
                item.updated_at,
                lookAt(item),
              ]),
            ],
          ),
        );
      }),
    );

  for (const [verb, state] of [
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const) {
    review
      .command(`${verb} <kind> <id>`)
      .description(`${verb} a signature or a template: signet review ${verb} signature 1`)
      .option('--reason <text>', 'shown to the business')
      .action(
        act(async (context, kind: string, id: string, options: { reason?: string }) => {
          if (!(kind in KINDS)) throw usageError(`what is reviewed is a signature or a template, not ${kind}`);
          const path = `/${KINDS[kind as keyof typeof KINDS]}/${identifier(id)}`;
          const client = await context.client();
          const reviewed = await client.native<unknown>('POST', `${path}/review`, { state, ...options });
          context.out.result(reviewed, () => `${kind} ${id} is ${state}`);
        }),
      );
  }
};
