import { useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { useRefresh } from '../../api/hooks.ts';
import { ApiProblem } from '../../api/problem.ts';
import type { Routes, Schemas } from '../../api/schema.js';
import { uploadFile } from '../../api/upload.ts';

type Draft = Schemas['Draft'];
export type Wishes = Omit<Routes['POST /plans']['query'], 'template_id' | 'signature_id'>;

/** What came of an upload. */
export type Made = Pick<Upload, 'probing'> & { draft: Draft };

/** A file of recipients on its way to a draft. */
export interface Upload {
  /** What was uploaded last, to be read again in another way. */
  file: Blob | null;
  wishes: Wishes;
  draft: Draft | null;
  /** The draft only shows the file's columns: some variable has no value yet, so it must be read again. */
  probing: boolean;
  /** The share that has left, from 0 to 1; null: nothing is under way. */
  progress: number | null;
  problem: unknown;
  start(template: Schemas['Template'], file: Blob, wishes: Wishes, variables: readonly string[]): Promise<Made | null>;
  stop(): void;
}

/** Uploads, and uploads again when the file is to be read in another way; the draft before is then discarded. */
export function useUpload(): Upload {
  const [file, setFile] = useState<Blob | null>(null);
  const [wishes, setWishes] = useState<Wishes>({});
  const [draft, setDraft] = useState<Draft | null>(null);
  const [probing, setProbing] = useState(false);
  const [progress, setProgress] = useState<number | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  const refresh = useRefresh();

  const start: Upload['start'] = async (template, given, asked, variables) => {
    const controller = new AbortController();
    running.current = controller;
    setProblem(null);
    setProgress(0);
    const send = (more: Wishes) =>
      uploadFile(
        given,
        { template_id: String(template.id), ...asked, ...more },
        { onProgress: setProgress, signal: controller.signal },
      );
    try {
      let probe = false;
      const made = await send({}).catch((error: unknown) => {
        // A variable that no column is named after: any value will do to learn what the columns are.
        if (variables.length === 0 || !(error instanceof ApiProblem && error.code === 'fileRefused')) throw error;
        probe = true;
        const stand = Object.fromEntries(variables.map((name) => [name, '–']));
        return send({ params: JSON.stringify({ ...stand, ...readParams(asked.params) }) }).catch(() => {
          throw error;
        });
      });
      if (draft !== null) await call('DELETE /plans/{id}', { path: { id: String(draft.plan_id) } }).catch(() => {});
      setFile(given);
      setWishes(asked);
      setProbing(probe);
      setDraft(made);
      void refresh(['GET /plans']);
      return { draft: made, probing: probe };
    } catch (error) {
      if (!controller.signal.aborted) setProblem(error);
      return null;
    } finally {
      setProgress(null);
    }
  };
  return { file, wishes, draft, probing, progress, problem, start, stop: () => running.current?.abort() };
}

const readParams = (params: string | undefined): object => (params === undefined ? {} : (JSON.parse(params) as object));
