import { Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { bracketIn, SIGNATURE_MAX_LENGTH, SOURCE_MAX_LENGTH } from 'signet/domain/signature';
import { useChange } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { EvidenceInput } from '../../parts/evidence/evidence.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';

interface Draft {
  signature: string;
  source: string;
  pics: string[];
}

/** A new signature, or one that is changed; either waits for its review afterwards. */
export function SignatureEditor({
  signature,
  onClose,
}: {
  signature: Schemas['Signature'] | null;
  onClose: () => void;
}) {
  const { common, signatures: words } = useWords();
  const [form] = Form.useForm<Draft>();
  const [problem, setProblem] = useState<unknown>(null);
  const create = useChange('POST /signatures', ['GET /signatures']);
  const change = useChange('PATCH /signatures/{id}', ['GET /signatures']);
  const tell = useTell();
  const submit = async (body: Draft) => {
    setProblem(null);
    try {
      if (signature === null) await create.mutateAsync({ body });
      else await change.mutateAsync({ path: { id: String(signature.id) }, body });
      tell.done(words.submitted);
      onClose();
    } catch (error) {
      setProblem(error);
    }
  };
  const needed = { required: true, whitespace: true, message: common.required };
  return (
    <Modal
      open
      title={signature === null ? words.newTitle : words.editTitle}
      okText={words.submit}
      cancelText={common.cancel}
      confirmLoading={create.isPending || change.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      destroyOnHidden
    >
      <ProblemNote error={problem} />
      <Form<Draft>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={signature ?? { signature: '', source: '', pics: [] }}
        onFinish={submit}
      >
        <Form.Item
          name="signature"
          label={words.text}
          extra={words.textHint}
          rules={[
            needed,
            {
              validator: async (_rule, value: string) => {
                if (bracketIn(value ?? '') !== null) throw new Error(words.noBrackets);
              },
            },
          ]}
        >
          <Input prefix="【" suffix="】" maxLength={SIGNATURE_MAX_LENGTH} autoFocus />
        </Form.Item>
        <Form.Item name="source" label={words.source} extra={words.sourceHint} rules={[needed]}>
          <Input maxLength={SOURCE_MAX_LENGTH} />
        </Form.Item>
        <Form.Item name="pics" label={`${words.evidence} · ${common.optional}`} extra={words.evidenceHint}>
          <EvidenceInput />
        </Form.Item>
      </Form>
    </Modal>
  );
}
