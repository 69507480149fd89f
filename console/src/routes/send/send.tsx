import { Steps } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useLook } from '../../api/hooks.ts';
import { Page, Panel } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { useWords } from '../../words/index.tsx';
import { ChooseColumns } from './choose-columns.tsx';
import { ChooseTemplate } from './choose-template.tsx';
import { ConfirmDraft } from './confirm-draft.tsx';
import { GiveRecipients } from './give-recipients.tsx';
import { type Made, useUpload } from './use-upload.ts';

type Step = 'template' | 'recipients' | 'columns' | 'confirm';
const STEPS: readonly Step[] = ['template', 'recipients', 'columns', 'confirm'];

/** Whether there is anything to choose: a column of numbers alone holds no values. */
const needsColumns = ({ draft: { file }, probing }: Made): boolean =>
  probing || (file.columns.length > 1 && file.map.length > 0);

/**
 * From a template to a plan: recipients are pasted or uploaded, the server reads them and answers a draft, its columns
 * are checked, and it is confirmed. Template and draft stand in the address, so that a page loaded again goes on.
 */
export function Send() {
  const { navigation, send: words } = useWords();
  const [{ template: templateId, draft: draftId }, change] = useFilters<'template' | 'draft'>();
  const [step, setStep] = useState<Step>(draftId !== undefined ? 'confirm' : templateId ? 'recipients' : 'template');
  const upload = useUpload();
  const draft = useLook('GET /plans/{id}/draft', { path: { id: String(draftId) } }, { enabled: draftId !== undefined });
  const wanted = templateId ?? (draft.data && String(draft.data.template_id));
  const template = useLook('GET /templates/{id}', { path: { id: String(wanted) } }, { enabled: wanted !== undefined });
  const heading = useRef<HTMLHeadingElement>(null);
  const moved = useRef(false);
  // Whoever works by keyboard or ear goes on where the step begins.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the step is another one
  useEffect(() => {
    if (moved.current) heading.current?.focus();
    moved.current = true;
  }, [step]);

  const shown = step === 'columns' && upload.draft === null ? 'confirm' : step;
  return (
    <Page title={navigation.pages.send}>
      <Steps
        size="small"
        responsive
        current={STEPS.indexOf(shown)}
        items={STEPS.map((each) => ({ title: words.steps[each] }))}
        style={{ marginBottom: 20 }}
      />
      <Panel>
        <h2 ref={heading} tabIndex={-1} style={{ margin: '0 0 14px', fontSize: 16, outline: 'none' }}>
          {words.headings[shown]}
        </h2>
        {body()}
      </Panel>
    </Page>
  );

  function body() {
    if (shown === 'template') {
      return (
        <ChooseTemplate
          chosen={templateId ?? null}
          onChoose={(id) => change({ template: String(id), draft: undefined } as never)}
          onNext={() => setStep('recipients')}
        />
      );
    }
    const error = template.error ?? (draftId === undefined ? null : draft.error);
    if (error !== null && (template.data === undefined || (draftId !== undefined && draft.data === undefined))) {
      return <ProblemNote error={error} onAgain={() => void Promise.all([template.refetch(), draft.refetch()])} />;
    }
    if (template.data === undefined) return <Wait />;
    if (shown === 'recipients') {
      return (
        <GiveRecipients
          template={template.data}
          upload={upload}
          onBack={() => setStep('template')}
          onDraft={(made) => {
            change({ template: String(template.data.id), draft: String(made.draft.plan_id) } as never);
            setStep(needsColumns(made) ? 'columns' : 'confirm');
          }}
        />
      );
    }
    if (shown === 'columns' && upload.draft !== null) {
      return (
        <ChooseColumns
          template={template.data}
          upload={upload}
          onBack={() => setStep('recipients')}
          onNext={(made) => {
            change({ template: String(template.data.id), draft: String(made.plan_id) } as never);
            setStep('confirm');
          }}
        />
      );
    }
    if (draft.data === undefined) return <Wait />;
    return (
      <ConfirmDraft
        draft={draft.data}
        template={template.data}
        onBack={() => setStep(upload.draft === null || !needsColumns(upload as Made) ? 'recipients' : 'columns')}
      />
    );
  }
}
