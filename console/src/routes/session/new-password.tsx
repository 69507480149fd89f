import { Form, Input } from 'antd';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from 'signet/domain/business';
import { useWords } from '../../words/index.tsx';

/** Two fields of a form: a new password, and the same again. */
export function NewPassword() {
  const { session, common } = useWords();
  return (
    <>
      <Form.Item
        name="next"
        label={session.next}
        extra={session.nextRule}
        rules={[
          { required: true, message: common.required },
          { min: PASSWORD_MIN_LENGTH, message: session.tooShort(PASSWORD_MIN_LENGTH) },
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={PASSWORD_MAX_LENGTH} />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={session.repeat}
        dependencies={['next']}
        rules={[
          { required: true, message: common.required },
          ({ getFieldValue }) => ({
            validator: async (_rule, value: string | undefined) => {
              if (value && value !== getFieldValue('next')) throw new Error(session.repeatDiffers);
            },
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={PASSWORD_MAX_LENGTH} />
      </Form.Item>
    </>
  );
}
