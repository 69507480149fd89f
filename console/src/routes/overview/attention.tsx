import { RightOutlined } from '@ant-design/icons';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { Schemas } from '../../api/schema.js';
import { useMember } from '../../api/session.ts';
import { type Format, useFormat } from '../../parts/format/format.ts';
import { Panel } from '../../parts/page/page.tsx';
import { useWords, type Words } from '../../words/index.tsx';
import css from './overview.module.css';

type Thing = Schemas['Attention'];

interface Item {
  tone: 'bad' | 'warn' | 'calm';
  text: string;
  to: NonNullable<LinkProps['to']>;
  params?: Record<string, string>;
  search?: Record<string, string>;
}

/** What waits for this member, the most urgent first, with the way there. */
export function Attention({ overview }: { overview: Schemas['Overview'] | undefined }) {
  const { overview: words } = useWords();
  const format = useFormat();
  const staff = useMember().business_id === null;
  const things = (overview?.attention ?? []).map((thing) => ({
    key: `${thing.kind} ${thing.id}`,
    ...itemOf(thing, words, format, staff),
  }));
  const begins = overview?.steps != null && !overview.steps.sent;
  const items = begins
    ? [...things, { key: 'begin', tone: 'calm' as const, text: words.begin, to: '/welcome' as const }]
    : things;
  return (
    <Panel title={words.attention}>
      {items.length === 0 ? (
        <p className="quiet">{overview === undefined ? '' : words.nothing}</p>
      ) : (
        <ul className={css.attention}>
          {items.map(({ key, tone, text, to, params, search }: Item & { key: string }) => (
            <li key={key}>
              <Link
                to={to}
                {...(params && { params: params as never })}
                {...(search && { search: search as never })}
                data-tone={tone}
              >
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

/** One of them in words, and where it is seen to. */
function itemOf(thing: Thing, words: Words['overview'], format: Format, staff: boolean): Item {
  const { kind, count, id, name, amount } = thing;
  const many = format.number(count);
  const say = words.kinds;
  switch (kind) {
    case 'not-ready':
      return { tone: 'bad', text: say.notReady, to: '/workers' };
    case 'ledger-fault':
      return { tone: 'bad', text: say.ledgerFault, to: '/ledger' };
    case 'no-channel':
      return { tone: 'warn', text: say.noChannel, to: '/channels' };
    case 'channel-down':
      return { tone: 'bad', text: say.channelDown(name), to: '/channels/$id', params: { id: String(id) } };
    case 'tasks-failed':
      return { tone: 'bad', text: say.tasksFailed(count, many), to: '/tasks', search: { state: 'failed' } };
    case 'reviews':
      return { tone: 'warn', text: say.reviews(count, many), to: '/reviews' };
    case 'in-review':
      return { tone: 'calm', text: say.inReview(count, many), to: '/templates' };
    case 'rejected':
      return { tone: 'warn', text: say.rejected(count, many), to: '/templates' };
    case 'balance-low': {
      const credits = format.number(amount ?? 0);
      if (staff) {
        return {
          tone: 'warn',
          text: say.balanceLowOf(name, credits),
          to: '/ledger',
          search: { business_id: String(id) },
        };
      }
      return { tone: 'bad', text: amount === 0 ? say.noBalance : say.balanceLow(credits), to: '/ledger' };
    }
    case 'webhook-late':
      return {
        tone: 'warn',
        text: say.webhookLate(name, format.number(amount ?? 0)),
        to: '/webhooks/$id',
        params: { id: String(id) },
      };
    case 'plans-paused':
      return { tone: 'warn', text: say.plansPaused(count, many), to: '/plans', search: { state: 'paused' } };
    case 'drafts':
      return { tone: 'calm', text: say.drafts(count, many), to: '/plans', search: { state: 'draft' } };
  }
}
