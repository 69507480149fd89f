import { useLook } from '../../api/hooks.ts';
import { useLiveReviews } from '../../api/live-reviews.ts';
import { useMay, useMember } from '../../api/session.ts';
import { useFormat } from '../../parts/format/format.ts';
import { Page, Panel } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Needs } from '../../parts/shell/not-here.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useWords } from '../../words/index.tsx';
import { StaffSteps } from './staff-steps.tsx';
import { Go, Step, type StepState } from './step.tsx';
import css from './welcome.module.css';

/** Somebody else may do the next step: a reviewer, or finance. */
const LOOK_EVERY_MS = 3_000;

/** From nothing to a first message: for whoever runs the platform, or for a business on it. */
export function Welcome() {
  const { business_id } = useMember();
  return business_id === null ? (
    <Needs permission="businesses:manage">
      <StaffSteps />
    </Needs>
  ) : (
    <Needs permission="messages:send">
      <Steps businessId={business_id} />
    </Needs>
  );
}

/** Signature, template, their reviews, credits, and the message itself. */
function Steps({ businessId }: { businessId: number }) {
  const { welcome: words, navigation } = useWords();
  useLiveReviews();
  const format = useFormat();
  const may = useMay();
  const everyMs = LOOK_EVERY_MS;
  const signatures = useLook('GET /signatures', { query: { limit: '1000' } }, { everyMs });
  const templates = useLook('GET /templates', { query: { limit: '1000' } }, { everyMs });
  const balance = useLook('GET /balance', {}, { everyMs, enabled: may('ledger:read') });
  const plans = useLook('GET /plans', { query: { limit: '1' } }, { everyMs });
  const asked = [signatures, templates, plans];
  const failed = asked.find(({ error, data }) => error !== null && data === undefined);
  if (failed !== undefined) return <ProblemNote error={failed.error} onAgain={() => void failed.refetch()} />;
  if (!signatures.data || !templates.data || !plans.data) return <Wait />;

  const signature = best(signatures.data.items);
  const template = best(templates.data.items);
  const available = balance.data?.available ?? 0;
  const paid = available > 0;
  const last = plans.data.items[0];
  const done = {
    signature: signature === 'approved' || template === 'approved',
    template: template === 'approved',
    credits: paid,
    message: last !== undefined,
  };
  const stateOf = (name: keyof typeof done, review: ReturnType<typeof best>, before: boolean): StepState => {
    if (done[name]) return 'done';
    if (review === 'pending') return 'waiting';
    return before ? 'now' : 'later';
  };
  const testable = templates.data.items.find(({ review }) => review === 'approved');
  return (
    <Page title={navigation.pages.welcome} lead={words.lead} narrow>
      <Panel>
        <ol className={css.steps}>
          <Step state={stateOf('signature', signature, true)} title={words.signature.title}>
            {signature === 'rejected' && !done.signature ? words.rejected : words.signature.text}
            <Go
              to="/signatures"
              {...(signature === null && { search: { new: 'yes' } })}
              primary={!done.signature && signature !== 'pending'}
            >
              {signature === null ? words.signature.go : words.look}
            </Go>
          </Step>
          <Step state={stateOf('template', template, done.signature)} title={words.template.title}>
            {template === 'rejected' ? words.rejected : words.template.text}
            {template !== null || done.signature ? (
              <Go
                to={template === null ? '/templates/new' : '/templates'}
                primary={!done.template && template !== 'pending'}
              >
                {template === null ? words.template.go : words.look}
              </Go>
            ) : (
              <div>{words.template.afterSignature}</div>
            )}
          </Step>
          <Step
            state={done.template ? 'done' : signature === 'pending' || template === 'pending' ? 'now' : 'later'}
            title={words.review.title}
          >
            {words.review.text}
          </Step>
          <Step state={paid ? 'done' : 'now'} title={words.credits.title}>
            {paid ? words.credits.have(format.number(available)) : words.credits.text(String(businessId))}
          </Step>
          <Step state={done.message ? 'done' : done.template && paid ? 'now' : 'later'} title={words.message.title}>
            {done.message ? words.message.done : words.message.text}
            {last !== undefined ? (
              <Go to="/plans/$id" params={{ id: String(last.plan_id) }} primary={false}>
                {words.look}
              </Go>
            ) : (
              done.template &&
              paid && (
                <Go to="/send" search={testable && { template: String(testable.id) }} primary>
                  {words.message.go}
                </Go>
              )
            )}
          </Step>
        </ol>
      </Panel>
    </Page>
  );
}

/** The state that is furthest on; null: there is none. */
function best(
  items: readonly { review: 'pending' | 'approved' | 'rejected' }[],
): 'approved' | 'pending' | 'rejected' | null {
  for (const state of ['approved', 'pending', 'rejected'] as const) {
    if (items.some(({ review }) => review === state)) return state;
  }
  return null;
}
