import { Button, Form, Popover, Select } from 'antd';
import { useState } from 'react';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useTell } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';

/** Says that a message is nobody's, and lets the staff give it to a business. */
export function Unmatched({ message }: { message: Schemas['InboundMessage'] }) {
  const { inbound: words } = useWords();
  const may = useMay();
  const [open, setOpen] = useState(false);
  return (
    <>
      <span className="quiet">{words.nobody}</span>{' '}
      {may('inbound:manage') && (
        <Popover
          trigger="click"
          open={open}
          onOpenChange={setOpen}
          content={open && <Give message={message} done={() => setOpen(false)} />}
        >
          <Button size="small" type="link">
            {words.assign}
          </Button>
        </Popover>
      )}
    </>
  );
}

function Give({ message: { id }, done }: { message: Schemas['InboundMessage']; done: () => void }) {
  const { inbound: words, common, businesses } = useWords();
  const tell = useTell();
  const { data } = useLook('GET /businesses', { query: { limit: '1000' } });
  const assign = useChange('POST /inbound/{id}/assign', ['GET /inbound']);
  const give = async ({ business }: { business: number }) => {
    try {
      await assign.mutateAsync({ path: { id: String(id) }, body: { business_id: business } });
      done();
    } catch (error) {
      tell.problem(error);
    }
  };
  return (
    <Form<{ business: number }> layout="vertical" requiredMark={false} onFinish={give} style={{ width: 260 }}>
      <p className="quiet">{words.assignText}</p>
      <Form.Item name="business" label={common.business} rules={[{ required: true, message: common.required }]}>
        <Select
          placeholder={businesses.choose}
          showSearch={{ optionFilterProp: 'label' }}
          options={(data?.items ?? []).map(({ business_id: value, user }) => ({ value, label: `${user} (${value})` }))}
        />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={assign.isPending}>
        {words.assign}
      </Button>
    </Form>
  );
}
