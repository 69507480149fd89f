import { RightOutlined } from '@ant-design/icons';
import { Link, type LinkProps } from '@tanstack/react-router';
import { useLook } from '../../api/hooks.ts';
import { useMay, useMember } from '../../api/session.ts';
import { useFormat } from '../../parts/format/format.ts';
import { Panel } from '../../parts/page/page.tsx';
import { useWords } from '../../words/index.tsx';
import css from './overview.module.css';

const LOOK_EVERY_MS = 15_000;

interface Item {
  key: string;
  tone: 'bad' | 'warn' | 'calm';
  text: string;
  to: NonNullable<LinkProps['to']>;
  search?: Record<string, string>;
}

/** What waits for this member, with the way there. */
export function Attention() {
  const { overview: words } = useWords();
  const items = useItems();
  return (
    <Panel title={words.attention}>
      {items.length === 0 ? (
        <p className="quiet">{words.nothing}</p>
      ) : (
        <ul className={css.attention}>
          {items.map(({ key, tone, text, to, search }) => (
            <li key={key}>
              <Link to={to} {...(search && { search: search as never })} data-tone={tone}>
                <span>{text}</span>
                <RightOutlined aria-hidden />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function useItems(): Item[] {
  const { overview: words } = useWords();
  const format = useFormat();
  const may = useMay();
  const { business_id } = useMember();
  const staff = business_id === null;
  const everyMs = LOOK_EVERY_MS;
  const system = useLook('GET /system', {}, { everyMs });
  const queue = useLook(
    'GET /review-queue',
    { query: { limit: '100' } },
    { enabled: staff && may('reviews:decide'), everyMs },
  );
  const channels = useLook('GET /channels', {}, { enabled: staff && may('channels:read'), everyMs });
  const paused = useLook('GET /plans', { query: { state: 'paused' } }, { enabled: may('messages:read'), everyMs });
  const drafts = useLook(
    'GET /plans',
    { query: { state: 'draft' } },
    { enabled: !staff && may('messages:send'), everyMs },
  );
  const templates = useLook(
    'GET /templates',
    { query: { limit: '1000' } },
    { enabled: !staff && may('templates:read'), everyMs },
  );
  const signatures = useLook(
    'GET /signatures',
    { query: { limit: '1000' } },
    { enabled: !staff && may('signatures:read'), everyMs },
  );
  const business = useLook(
    'GET /businesses/{business}',
    { path: { business: String(business_id) } },
    { enabled: !staff && may('ledger:read'), everyMs },
  );
  const items: Item[] = [];
  const add = (key: string, tone: Item['tone'], text: string, to: Item['to'], search?: Record<string, string>) =>
    items.push({ key, tone, text, to, ...(search && { search }) });

  if (system.data?.ready === false) add('ready', 'bad', words.notReady, '/overview');
  const down = channels.data?.items.filter(({ state }) => state.link === 'down') ?? [];
  for (const { id, name } of down) add(`channel-${id}`, 'bad', words.channelDown(name), '/channels');
  const waiting = (queue.data?.signatures.length ?? 0) + (queue.data?.templates.length ?? 0);
  if (waiting > 0) add('reviews', 'warn', words.toReview(waiting), '/reviews');
  if (business.data && business.data.low_balance !== null && business.data.available < business.data.low_balance) {
    add('balance', 'bad', words.lowBalance(format.number(business.data.available)), '/ledger');
  } else if (business.data?.available === 0) add('balance', 'warn', words.noBalance, '/welcome');
  const rejected = [
    ...(signatures.data?.items ?? []).filter(({ review }) => review === 'rejected').map(() => '/signatures' as const),
    ...(templates.data?.items ?? []).filter(({ review }) => review === 'rejected').map(() => '/templates' as const),
  ];
  if (rejected.length > 0) add('rejected', 'warn', words.rejected(rejected.length), rejected[0]!);
  const pausedCount = paused.data?.items.length ?? 0;
  if (pausedCount > 0) add('paused', 'warn', words.paused(pausedCount), '/plans', { state: 'paused' });
  const draftCount = drafts.data?.items.length ?? 0;
  if (draftCount > 0) add('drafts', 'calm', words.drafts(draftCount), '/plans', { state: 'draft' });
  if (!staff && templates.data?.items.length === 0) add('welcome', 'calm', words.begin, '/welcome');
  return items;
}
