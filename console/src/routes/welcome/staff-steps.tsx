import { useLook } from '../../api/hooks.ts';
import { useLiveReviews } from '../../api/live-reviews.ts';
import { useMay } from '../../api/session.ts';
import { Page, Panel } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useWords } from '../../words/index.tsx';
import { Go, Step } from './step.tsx';
import css from './welcome.module.css';

const LOOK_EVERY_MS = 3_000;

/** What a new installation needs of whoever runs it: a business that sends, decisions on what it sends, and a carrier. */
export function StaffSteps() {
  const { welcome, navigation } = useWords();
  const words = welcome.staff;
  useLiveReviews();
  const may = useMay();
  const everyMs = LOOK_EVERY_MS;
  const businesses = useLook('GET /businesses', { query: { limit: '2' } }, { everyMs });
  const plans = useLook('GET /plans', { query: { limit: '1' } }, { everyMs });
  const queue = useLook('GET /review-queue', { query: { limit: '100' } }, { everyMs, enabled: may('reviews:decide') });
  const channels = useLook('GET /channels', { query: { limit: '1' } }, { enabled: may('channels:read') });
  const asked = [businesses, plans];
  const failed = asked.find(({ error, data }) => error !== null && data === undefined);
  if (failed !== undefined) return <ProblemNote error={failed.error} onAgain={() => void failed.refetch()} />;
  if (!businesses.data || !plans.data) return <Wait />;

  const opened = businesses.data.items.find(({ admin }) => !admin);
  const waiting = (queue.data?.signatures.length ?? 0) + (queue.data?.templates.length ?? 0);
  const sent = plans.data.items.length > 0;
  const carrier = (channels.data?.items.length ?? 0) > 0;
  return (
    <Page title={navigation.pages.welcome} lead={words.lead} narrow>
      <Panel>
        <ol className={css.steps}>
          <Step state={opened === undefined ? 'now' : 'done'} title={words.business.title}>
            {words.business.text}
            {opened === undefined ? (
              <Go to="/businesses" search={{ new: 'yes' }} primary>
                {words.business.go}
              </Go>
            ) : (
              <Go to="/businesses/$id" params={{ id: String(opened.business_id) }} primary={false}>
                {welcome.look}
              </Go>
            )}
          </Step>
          <Step state={sent || waiting > 0 ? 'done' : opened === undefined ? 'later' : 'now'} title={words.enter.title}>
            {words.enter.text}
          </Step>
          <Step state={waiting > 0 ? 'now' : sent ? 'done' : 'later'} title={words.review.title}>
            {waiting > 0 ? words.review.waiting(waiting) : words.review.text}
            {waiting > 0 && (
              <Go to="/reviews" primary>
                {words.review.go}
              </Go>
            )}
          </Step>
          <Step state={carrier ? 'done' : sent ? 'now' : 'later'} title={words.carrier.title}>
            {carrier ? words.carrier.have : words.carrier.text}
            {!carrier && may('channels:manage') && (
              <Go to="/channels/new" primary={sent}>
                {words.carrier.go}
              </Go>
            )}
          </Step>
        </ol>
      </Panel>
    </Page>
  );
}
