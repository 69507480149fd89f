import { type Answer, addressOf, csrfHeaders } from './client.ts';
import { ApiProblem, away, problemOfText } from './problem.ts';
import type { Routes, Schemas } from './schema.js';

type Query = Routes['POST /plans']['query'];

/**
 * Uploads a file of recipients, which makes a draft. `fetch` does not tell how far an upload is, so this one asks as
 * pages did before it.
 * @param onProgress the share that has left, from 0 to 1
 * @throws ApiProblem when the server says no, or does not answer
 */
export function uploadFile(
  file: Blob,
  query: Query,
  { onProgress, signal }: { onProgress: (share: number) => void; signal: AbortSignal },
): Promise<Schemas['Draft']> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', addressOf('POST /plans', { query }));
    for (const [name, value] of Object.entries(csrfHeaders())) request.setRequestHeader(name, value);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.upload.onload = () => onProgress(1);
    request.onerror = () => reject(away());
    request.onabort = () => reject(new DOMException('taken back', 'AbortError'));
    request.onload = () => {
      const { status, responseText } = request;
      if (status < 200 || status >= 300) {
        reject(problemOfText(status, responseText, request.getResponseHeader('retry-after')));
        return;
      }
      try {
        resolve(JSON.parse(responseText) as Answer<'POST /plans'> as Schemas['Draft']);
      } catch {
        reject(new ApiProblem(status, 'answerUnreadable', 'The answer broke off.'));
      }
    };
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
