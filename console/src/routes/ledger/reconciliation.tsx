import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useLook } from '../../api/hooks.ts';
import { useMay } from '../../api/session.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';

/** Adds up every entry and every message, and tells whether the books agree. It reads everything, so somebody asks for it. */
export function Reconciliation() {
  const { ledger: words } = useWords();
  const may = useMay();
  const [asked, setAsked] = useState(false);
  const { data, error, isFetching, refetch } = useLook('GET /ledger/check', {}, { enabled: asked });
  if (!may('ledger:manage')) return null;
  const check = () => {
    if (asked) void refetch();
    else setAsked(true);
  };
  return (
    <div style={{ marginBottom: 16 }}>
      <ProblemNote error={error} />
      <Alert
        type={data === undefined ? 'info' : data.ok ? 'success' : 'error'}
        showIcon
        title={data === undefined ? words.checkText : data.ok ? words.checkOk : words.checkBad(data.faults.length)}
        {...(data !== undefined &&
          !data.ok && {
            description: (
              <ul>
                {data.faults.map(({ business_id: business, plan_id: plan, what }) => (
                  <li key={`${business} ${plan} ${what}`}>
                    {words.fault(business, plan)}: {what}
                  </li>
                ))}
              </ul>
            ),
          })}
        action={
          <Button size="small" loading={isFetching} onClick={check}>
            {words.check}
          </Button>
        }
      />
    </div>
  );
}
