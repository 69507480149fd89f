import { afterEach, beforeEach, expect, it } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import type { PlanRequest } from './plan-request.ts';

const APPROVED = { state: 'approved', reason: '' } as const;
const recipients = Array.from({ length: 3 }, (_, i) => 8613800138000 + i);

let desk: TestDesk;
let request: PlanRequest;
beforeEach(async () => {
  desk = await TestDesk.open();
  await desk.do('topUp', { actor: ADMIN, business: { businessId: 1 }, credits: 100, reason: '' });
  const signature = await desk.do('createSignature', { actor: ADMIN, text: '签', source: 's', pics: [] });
  await desk.do('reviewSignature', { actor: ADMIN, id: signature.id, verdict: APPROVED });
  const template = await desk.do('createTemplate', { actor: ADMIN, fields: fields(signature.id, '旧') });
  await desk.do('reviewTemplate', { actor: ADMIN, id: template.id, verdict: APPROVED });
  request = {
    businessId: 1,
    dialect: 'tsms',
    name: '-',
    templateId: template.id,
    unsetVariables: 'refuse',
    startAt: null,
    customArgs: null,
  };
});
afterEach(() => desk.close());

const fields = (signatureId: number, text: string) => ({
  signatureId,
  placement: null,
  name: 'n',
  text,
  category: 'notification' as const,
  description: 'd',
  countryCodes: null,
});

async function stage(): Promise<number> {
  const opened = await desk.do('stagePlan', { request, idempotency: null });
  if (!('planId' in opened)) throw new Error('nothing was staged');
  return opened.planId;
}

const stageAll = (planId: number) =>
  desk.do('stageMessages', { request, planId, from: 0, recipients, parameters: { shared: null } });

const accept = (planId: number) =>
  desk.do('acceptStaged', {
    request,
    planId,
    total: recipients.length,
    accepted: recipients.length,
    uncounted: recipients,
    invalid: 0,
    credits: recipients.length,
    idempotency: null,
  });

async function contentOf(planId: number) {
  const found = await desk.ask('findPlan', { businessId: 1, id: planId });
  return desk.ask('findContent', { id: found!.plan.contentId });
}

it('a staged request is refused when its template was edited meanwhile, and what is sent next has its content', async () => {
  const planId = await stage();
  await stageAll(planId);
  await desk.do('editTemplate', { actor: ADMIN, id: request.templateId, fields: fields(1, '新') });
  await desk.do('reviewTemplate', { actor: ADMIN, id: request.templateId, verdict: APPROVED });
  expect(await refusalOf(stageAll(planId))).toEqual({ code: 'templateNotApproved' });
  expect(await refusalOf(accept(planId))).toEqual({ code: 'templateNotApproved' });

  const next = await desk.do('acceptPlan', {
    request,
    total: recipients.length,
    recipients,
    invalid: [],
    parameters: { shared: null },
    idempotency: null,
  });
  expect(await contentOf(next.planId)).toMatchObject({ templateText: '新' });
});

it('a staged request is accepted although nothing is remembered any more', async () => {
  const planId = await stage();
  desk.restart();
  await stageAll(planId);
  desk.restart();
  expect(await accept(planId)).toMatchObject({ planId, accepted: recipients.length });
  expect(await contentOf(planId)).toMatchObject({ templateText: '旧' });
});
