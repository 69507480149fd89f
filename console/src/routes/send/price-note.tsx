import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { useSettled } from '../../lib/time.ts';
import { useFormat } from '../../parts/format/format.ts';
import { useWords } from '../../words/index.tsx';
import css from './send.module.css';
import type { Wishes } from './use-upload.ts';

const SETTLED_MS = 400;
/** Whoever pastes more than this sees the price one step later. */
const MAX_OCTETS = 1_000_000;

/** What the numbers that are being pasted would cost, before anything is kept of them. */
export function PriceNote({ templateId, text, wishes }: { templateId: number; text: string; wishes: Wishes }) {
  const { common, send: words } = useWords();
  const format = useFormat();
  const params = wishes.params;
  const asked = useSettled(text, SETTLED_MS);
  const values = useSettled(params, SETTLED_MS);
  const { data, error } = useQuery({
    queryKey: ['POST /plans/price', templateId, asked, values],
    queryFn: ({ signal }) =>
      call(
        'POST /plans/price',
        { query: { template_id: String(templateId), ...(values !== undefined && { params: values }) } },
        { file: new Blob([asked], { type: 'text/csv' }), signal },
      ),
    enabled: asked.trim() !== '' && asked.length <= MAX_OCTETS,
    retry: false,
    staleTime: 60_000,
  });
  if (text.trim() === '') return null;
  if (error !== null) {
    const why = error instanceof ApiProblem && error.code === 'fileRefused';
    return why ? <p className="quiet">{words.priceNeedsValues}</p> : null;
  }
  if (data === undefined) return <p className="quiet">{words.pricing}</p>;
  const { accepted, rejected, segments, credits, available } = data;
  return (
    <p aria-live="polite">
      <strong className="number">
        {words.wouldCost(format.number(accepted), common.segments(segments), common.credits(format.number(credits)))}
      </strong>
      {rejected > 0 && <span className={css.missing}> {words.rejected(format.number(rejected))}</span>}
      {credits > available && <span className={css.missing}> {words.short(format.number(credits - available))}</span>}
    </p>
  );
}
