import { UploadOutlined } from '@ant-design/icons';
import { Button, Collapse, Form, Input, InputNumber, Upload } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { useUpload } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { DateField } from '../../parts/dates/dates.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Panel } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { Tile, Tiles } from '../../parts/tiles/tiles.tsx';
import { useWords } from '../../words/index.tsx';
import { TimeZoneSelect } from '../businesses/businesses.tsx';
import { CdrDifferences } from './cdr-differences.tsx';

type Comparison = Schemas['CdrComparison'];
const COLUMNS = ['id', 'to', 'segments', 'time', 'cost', 'status'] as const;
const TOLERANCE_S = 600;

interface Values {
  month: Dayjs;
  zone: string;
  country?: string;
  tolerance: number;
  columns?: Partial<Record<(typeof COLUMNS)[number], string>>;
}

/** Compares what a carrier charges for with what was sent over its channel. */
export function ChannelCdr({ id }: { id: string }) {
  const { cdr: words } = useWords();
  const [{ comparison }, change] = useFilters<'comparison'>();
  const compare = useUpload('POST /channels/{id}/cdr', []);
  const format = useFormat();
  const [file, setFile] = useState<File | null>(null);
  const [missing, setMissing] = useState(false);
  const finish = ({ month, zone, country = '', tolerance, columns = {} }: Values) => {
    setMissing(file === null);
    if (file === null) return;
    const query = {
      month: month.format('YYYY-MM'),
      zone,
      tolerance_s: String(tolerance),
      ...(country !== '' && { country }),
      ...Object.fromEntries(
        Object.entries(columns)
          .filter(([, name]) => name !== undefined && name.trim() !== '')
          .map(([column, name]) => [`${column}_column`, name.trim()]),
      ),
    };
    compare.mutateAsync({ path: { id }, query, file }).then(
      (found) => change({ comparison: String(found.id) }),
      () => {},
    );
  };
  const found = compare.data !== undefined && String(compare.data.id) === comparison ? compare.data : null;
  return (
    <>
      <Panel>
        <p className="quiet" style={{ marginTop: 0 }}>
          {words.lead}
        </p>
        <ProblemNote error={compare.error} />
        <Form<Values>
          layout="vertical"
          requiredMark={false}
          initialValues={{ month: dayjs().subtract(1, 'month'), zone: format.zone, tolerance: TOLERANCE_S }}
          onFinish={finish}
        >
          <Form.Item label={words.file} {...(missing && { validateStatus: 'error', help: words.fileNeeded })}>
            <Upload
              accept=".csv,.xlsx,.txt"
              maxCount={1}
              fileList={file === null ? [] : [{ uid: file.name, name: file.name }]}
              beforeUpload={(chosen) => {
                setFile(chosen);
                setMissing(false);
                return false;
              }}
              onRemove={() => setFile(null)}
            >
              <Button icon={<UploadOutlined aria-hidden />}>{words.choose}</Button>
            </Upload>
          </Form.Item>
          <div style={{ display: 'flex', flexWrap: 'wrap', columnGap: 16 }}>
            <Form.Item name="month" label={words.month}>
              <DateField picker="month" allowClear={false} />
            </Form.Item>
            <Form.Item name="zone" label={words.zone} style={{ width: 220 }}>
              <TimeZoneSelect />
            </Form.Item>
            <Form.Item
              name="country"
              label={words.country}
              normalize={(typed: string) => typed.toUpperCase()}
              rules={[{ pattern: /^(?:[A-Z]{2})?$/ }]}
            >
              <Input maxLength={2} style={{ width: 90 }} placeholder="CN" />
            </Form.Item>
            <Form.Item name="tolerance" label={words.tolerance}>
              <InputNumber min={1} max={99_999} precision={0} style={{ width: 120 }} />
            </Form.Item>
          </div>
          <Collapse
            size="small"
            ghost
            items={[
              {
                key: 'columns',
                label: words.columns,
                forceRender: true,
                children: (
                  <>
                    <p className="quiet" style={{ marginTop: 0 }}>
                      {words.columnsHint}
                    </p>
                    <div style={{ display: 'flex', flexWrap: 'wrap', columnGap: 16 }}>
                      {COLUMNS.map((column) => (
                        <Form.Item key={column} name={['columns', column]} label={words.column[column]}>
                          <Input maxLength={255} placeholder={column} style={{ width: 150 }} />
                        </Form.Item>
                      ))}
                    </div>
                  </>
                ),
              },
            ]}
            style={{ marginBottom: 12 }}
          />
          <Button type="primary" htmlType="submit" loading={compare.isPending}>
            {compare.isPending ? words.comparing : words.compare}
          </Button>
        </Form>
      </Panel>
      {found !== null && <Outcome found={found} />}
      <CdrDifferences comparison={comparison ?? null} />
    </>
  );
}

function Outcome({ found }: { found: Comparison }) {
  const { cdr: words } = useWords();
  const format = useFormat();
  const count = (value: number) => format.number(value);
  const bad = (value: number) => (value > 0 ? 'bad' : undefined);
  return (
    <Tiles label={words.sides}>
      <Tile
        name={words.matched}
        value={count(found.matched)}
        note={words.matchedNote(count(found.matched_by_id), count(found.matched_by_number))}
      />
      <Tile
        name={words.onlyOurs}
        value={count(found.only_ours)}
        note={words.onlyOursNote}
        tone={bad(found.only_ours)}
      />
      <Tile
        name={words.onlyTheirs}
        value={count(found.only_theirs)}
        note={words.onlyTheirsNote}
        tone={bad(found.only_theirs)}
      />
      <Tile name={words.segmentsDiffer} value={count(found.segments_differ)} tone={bad(found.segments_differ)} />
      <Tile name={words.costDiffers} value={count(found.cost_differs)} tone={bad(found.cost_differs)} />
      <Tile
        name={words.ours}
        value={count(found.ours.messages)}
        note={words.totals(count(found.ours.segments), format.money(found.ours.cost_micros, null))}
      />
      <Tile
        name={words.theirs}
        value={count(found.theirs.rows)}
        note={words.totals(count(found.theirs.segments), format.money(found.theirs.cost_micros, null))}
      />
    </Tiles>
  );
}
