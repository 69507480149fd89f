import { DeleteOutlined, LinkOutlined, PlusOutlined, UploadOutlined } from '@ant-design/icons';
import { Button, Image, Input, Upload } from 'antd';
import { useState } from 'react';
import { PIC_MAX_LENGTH, PICS_MAX_COUNT } from 'signet/domain/signature';
import { call } from '../../api/client.ts';
import { useLook } from '../../api/hooks.ts';
import { useWords } from '../../words/index.tsx';
import { ProblemNote } from '../say/problem.tsx';
import css from './evidence.module.css';

/** The id of a picture that was uploaded here. What is elsewhere is only linked to: no page asks anybody else. */
const pictureIdOf = (pic: string): string | null => /^\/api\/v1\/pictures\/(\d+)$/.exec(pic)?.[1] ?? null;

/** What proves that a signature is its owner's. */
export function Evidence({ pics, small = false }: { pics: readonly string[]; small?: boolean }) {
  const { evidence: words } = useWords();
  if (pics.length === 0) return <span className="quiet">{words.none}</span>;
  return (
    <span className={css.pics}>
      <Image.PreviewGroup>
        {pics.map((pic, i) => {
          const id = pictureIdOf(pic);
          const name = words.picture(i + 1);
          return id === null ? (
            <Elsewhere key={pic} pic={pic} name={name} />
          ) : (
            <Picture key={pic} id={id} name={name} small={small} />
          );
        })}
      </Image.PreviewGroup>
    </span>
  );
}

function Picture({ id, name, small }: { id: string; name: string; small: boolean }) {
  const { data, error } = useLook('GET /pictures/{id}', { path: { id } });
  if (error !== null) return <span className="quiet">{name}</span>;
  const [width, height] = small ? [44, 33] : [160, 120];
  if (data === undefined) return <span className={css.place} style={{ width, height }} />;
  return <Image src={`data:${data.type};base64,${data.data}`} alt={name} width={width} height={height} />;
}

function Elsewhere({ pic, name }: { pic: string; name: string }) {
  if (!/^https?:\/\//.test(pic)) return <span className={css.said}>{pic}</span>;
  return (
    <a href={pic} target="_blank" rel="noreferrer" title={pic}>
      <LinkOutlined aria-hidden /> {name}
    </a>
  );
}

/** Pictures that are uploaded, or addresses of some elsewhere, as many as a signature may have. */
export function EvidenceInput({ value = [], onChange }: { value?: string[]; onChange?: (pics: string[]) => void }) {
  const { common, evidence: words } = useWords();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const put = (i: number, pic: string) => onChange?.(value.map((each, at) => (at === i ? pic : each)));
  const upload = async (file: File) => {
    setProblem(null);
    setBusy(true);
    try {
      const { url } = await call('POST /pictures', {}, { file });
      onChange?.([...value, url]);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const full = value.length >= PICS_MAX_COUNT;
  return (
    <div className={css.list}>
      <ProblemNote error={problem} />
      {value.map((pic, i) => {
        const id = pictureIdOf(pic);
        const name = words.picture(i + 1);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: while it is typed, a picture has nothing else to be known by
          <div key={i} className={css.row}>
            {id === null ? (
              <Input
                value={pic}
                aria-label={name}
                placeholder="https://"
                maxLength={PIC_MAX_LENGTH}
                onChange={(event) => put(i, event.target.value)}
              />
            ) : (
              <Picture id={id} name={name} small={false} />
            )}
            <Button
              icon={<DeleteOutlined />}
              aria-label={`${common.remove}: ${name}`}
              onClick={() => onChange?.(value.filter((_, at) => at !== i))}
            />
          </div>
        );
      })}
      <div className={css.add}>
        <Upload
          accept="image/png,image/jpeg,image/webp"
          showUploadList={false}
          disabled={full}
          beforeUpload={(file) => {
            void upload(file);
            return false;
          }}
        >
          <Button icon={<UploadOutlined aria-hidden />} loading={busy} disabled={full}>
            {words.upload}
          </Button>
        </Upload>
        <Button
          type="link"
          icon={<PlusOutlined aria-hidden />}
          disabled={full}
          onClick={() => onChange?.([...value, ''])}
        >
          {words.addLink}
        </Button>
      </div>
    </div>
  );
}
