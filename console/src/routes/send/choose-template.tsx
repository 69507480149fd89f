import { Button, Input, Radio } from 'antd';
import { useState } from 'react';
import { useLook } from '../../api/hooks.ts';
import { LinkButton } from '../../parts/page/link-button.tsx';
import { Teach } from '../../parts/page/page.tsx';
import { Marked } from '../../parts/phone/bubble.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';
import css from './send.module.css';

/** Which of the approved texts is sent. */
export function ChooseTemplate({
  chosen,
  onChoose,
  onNext,
}: {
  chosen: string | null;
  onChoose: (id: number) => void;
  onNext: () => void;
}) {
  const { common, states, send: words } = useWords();
  const [search, setSearch] = useState('');
  const { data, error, refetch } = useLook('GET /templates', { query: { limit: '1000' } });
  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <Wait />;
  const approved = data.items.filter(({ review }) => review === 'approved');
  if (approved.length === 0) {
    const waiting = data.items.some(({ review }) => review === 'pending');
    return (
      <Teach
        title={waiting ? words.waitingTitle : words.noTemplateTitle}
        text={waiting ? words.waitingText : words.noTemplateText}
        action={
          <LinkButton to={waiting ? '/templates' : '/templates/new'} primary>
            {waiting ? words.seeTemplates : words.makeTemplate}
          </LinkButton>
        }
      />
    );
  }
  const found = approved.filter(({ name, template }) =>
    `${name}\n${template}`.toLowerCase().includes(search.toLowerCase()),
  );
  return (
    <>
      {approved.length > 6 && (
        <Input.Search
          aria-label={common.search}
          placeholder={common.search}
          allowClear
          onChange={(event) => setSearch(event.target.value)}
          style={{ maxWidth: 320, marginBottom: 12 }}
        />
      )}
      <Radio.Group
        className={css.cards ?? ''}
        aria-label={words.headings.template}
        value={chosen === null ? null : Number(chosen)}
        onChange={(event) => onChoose(event.target.value as number)}
      >
        {found.map(({ id, name, template, category }) => (
          <Radio key={id} value={id} className={css.card ?? ''} autoFocus={String(id) === chosen}>
            <span className={css.cardHead}>
              <strong>{name}</strong>
              <Pill tone="rest">{states.category[category]}</Pill>
            </span>
            <span className={css.cardText}>
              <Marked text={template} />
            </span>
          </Radio>
        ))}
      </Radio.Group>
      <div className={css.foot}>
        <Button type="primary" disabled={chosen === null} onClick={onNext}>
          {common.next}
        </Button>
      </div>
    </>
  );
}
