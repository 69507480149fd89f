import { Button, Form, Select } from 'antd';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { ChooseBusiness, useBusiness } from '../../parts/business/business.tsx';
import { Panel, Teach, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useWords } from '../../words/index.tsx';

/** The words by which people opt out of a business's marketing, and in again. */
export function Words() {
  const { inbound: words } = useWords();
  const business = useBusiness();
  return (
    <>
      <p className="quiet">{words.optWordsText}</p>
      <Toolbar>
        <ChooseBusiness />
      </Toolbar>
      {business === null ? (
        <Teach title={words.chooseTitle} text={words.chooseText} />
      ) : (
        <WordLists key={business} business={business} />
      )}
    </>
  );
}

function WordLists({ business }: { business: string }) {
  const { inbound: words, common } = useWords();
  const may = useMay();
  const tell = useTell();
  const staff = useMember().business_id === null;
  const { data, error } = useLook('GET /opt-words', { query: staff ? { business_id: business } : {} });
  const change = useChange('POST /opt-words', ['GET /opt-words']);
  if (error !== null) return <ProblemNote error={error} />;
  if (data === undefined) return <Wait />;
  const set = (body: Omit<Schemas['OptWordsToSet'], 'business_id'>) =>
    change.mutateAsync({ body: { business_id: Number(business), ...body } }).then(
      () => tell.done(common.saved),
      () => {},
    );
  const manage = may('inbound:manage');
  const list = (name: 'opt_out' | 'opt_in', label: string) => (
    <Form.Item name={name} label={label} extra={data.usual[name] ? words.usual : words.ownWords}>
      <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', ' ']} disabled={!manage} />
    </Form.Item>
  );
  return (
    <Panel>
      <ProblemNote error={change.error} />
      <Form
        key={JSON.stringify(data)}
        layout="vertical"
        initialValues={{ opt_out: data.opt_out, opt_in: data.opt_in }}
        onFinish={set}
      >
        {list('opt_out', words.optOut)}
        {list('opt_in', words.optIn)}
        {manage && (
          <>
            <Button type="primary" htmlType="submit" loading={change.isPending}>
              {common.save}
            </Button>{' '}
            <Button onClick={() => void set({ opt_out: null, opt_in: null })}>{words.toUsual}</Button>
          </>
        )}
      </Form>
    </Panel>
  );
}
