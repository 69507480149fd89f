import { must } from '../domain/refusals.ts';
import type { TaskAction, TaskId } from '../domain/task.ts';
import { REVOKED, type Task, taskIdText } from '../domain/task.ts';
import type { Tx } from '../store/store.ts';
import { discard } from './draft.ts';
import { addEvent } from './event.ts';
import { cancel } from './plan-life.ts';
import { SettleBatch } from './settle-batch.ts';
import { endUnclaimed } from './sweep.ts';
import { findTask, mustAllow } from './task.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

/** Which task, and who asks. */
export interface TaskRef {
  actor: ActorRef;
  id: TaskId;
}

/** Does again what has ended. @throws Refused (adminOnly, taskNotFound, taskActionWrong) */
export const retryTask = act('retry', async (tx, ctx, { id, actor }) => {
  if (id.kind === 'delivery') {
    await tx.webhooks.reviveDelivery(id.key, ctx.now());
    return id;
  }
  const run = (await tx.tasks.run(id.key))!;
  const again = ctx.nextId('task');
  await tx.tasks.putRun({
    id: again,
    name: run.name,
    state: 'reserved',
    askedBy: nameOf(actor),
    createdAt: ctx.now(),
    startedAt: null,
    endedAt: null,
    runs: 0,
    runMs: 0,
    items: 0,
    error: '',
    worker: '',
  });
  ctx.notify({ kind: 'tasksAsked' });
  return { ...id, key: again };
});

/** Does at once what waits for its time. @throws as {@link retryTask} */
export const requeueTask = act('requeue', async (tx, ctx, { id }) => {
  const now = ctx.now();
  if (id.kind === 'retry') await tx.retries.release([{ planId: id.key, index: id.index }], now);
  else if (id.kind === 'uncertain') {
    const row = (await tx.tasks.uncertainOf(id.key, id.index))!;
    await tx.uncertain.add([{ ...row, decideAt: now }]);
  } else {
    const delivery = (await tx.webhooks.delivery(id.key))!;
    await tx.webhooks.updateDelivery({ ...delivery, dueAt: now });
    // Otherwise it would wait for the webhook's own rest.
    const webhook = (await tx.webhooks.byId(delivery.webhookId))!;
    await tx.webhooks.setFailures(webhook.id, webhook.failures, null);
  }
  ctx.notify({ kind: 'workWaiting' });
  return id;
});

/** Takes back what waits, or ends what runs at its next step. @throws as {@link retryTask} */
export const revokeTask = act('revoke', async (tx, ctx, { id, actor }) => {
  const now = ctx.now();
  switch (id.kind) {
    case 'plan-start':
    case 'sweep':
      await cancel(tx, ctx, { actor, planId: id.key });
      return id;
    case 'draft':
      await discard(tx, id.key);
      return id;
    case 'intake':
      throw new Error('what is being written cannot be revoked');
    case 'retry': {
      const batch = new SettleBatch(tx, ctx);
      const range = { planId: id.key, from: id.index, to: id.index };
      await endUnclaimed(tx, ctx, batch, { state: 'cancelled', error: REVOKED }, range);
      await tx.retries.remove([{ planId: id.key, index: id.index }]);
      await batch.write();
      return id;
    }
    case 'uncertain': {
      const row = (await tx.tasks.uncertainOf(id.key, id.index))!;
      const decideAt = Math.max(now, row.since + ctx.settings.unknownAfterMs);
      await tx.uncertain.add([{ ...row, decision: 'giveUp', decideAt }]);
      return id;
    }
    case 'delivery': {
      const delivery = (await tx.webhooks.delivery(id.key))!;
      const tries = [...delivery.tries, { at: now, durationMs: 0, status: null, error: REVOKED }];
      await tx.webhooks.updateDelivery({ ...delivery, state: 'dead', tries, doneAt: now });
      return id;
    }
    case 'chore': {
      const run = (await tx.tasks.run(id.key))!;
      if (run.state === 'reserved') await tx.tasks.putRun({ ...run, state: 'revoked', endedAt: now });
      // What runs sees it at its next step, and says so when it has ended.
      else ctx.notify({ kind: 'taskRevoked', id: id.key });
      return id;
    }
  }
});

/** An action on one task, with its event; answers the task as it is then, null where it is gone. */
function act(action: TaskAction, work: (tx: Tx, ctx: Ctx, input: TaskRef) => Promise<TaskId>) {
  return single(async (tx, ctx, input: TaskRef): Promise<Task | null> => {
    must(input.actor.admin, { code: 'adminOnly' });
    await mustAllow(tx, input.id, action, ctx.now());
    const id = await work(tx, ctx, input);
    await addEvent(tx, ctx, input.actor.businessId, {
      kind: 'task.changed',
      task: taskIdText(input.id),
      change: action,
    });
    return findTask(tx, { id, now: ctx.now() });
  });
}

const nameOf = (actor: ActorRef): string => actor.caller?.name ?? 'the administrator';
