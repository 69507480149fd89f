import type { Schemas } from './schema.js';

/** A no of the API (RFC 9457), or of the way there. `code` chooses the words people read. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  /** The server's own words, in English: what to do. */
  readonly detail: string;
  /** The field of the request it speaks of, dotted; null when it is about none. */
  readonly field: string | null;
  /** Seconds until asking again makes sense; null: not said. */
  readonly retryAfterS: number | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    field: string | null = null,
    retryAfterS: number | null = null,
  ) {
    super(`${code}: ${detail}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.field = field;
    this.retryAfterS = retryAfterS;
  }
}

/** The server did not answer: it is away, or the network is. */
export const away = (): ApiProblem => new ApiProblem(0, 'serverAway', 'The server did not answer.');

/** What an answer that says no says. */
export async function problemOf(answer: Response): Promise<ApiProblem> {
  return problemOfText(answer.status, await answer.text().catch(() => ''), answer.headers.get('retry-after'));
}

/** The same, of an answer that was read already. */
export function problemOfText(status: number, text: string, retryAfter: string | null): ApiProblem {
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  const wait = Number.isFinite(seconds) ? seconds : null;
  try {
    const { code, detail, field } = JSON.parse(text) as Schemas['Problem'];
    return new ApiProblem(status, code, detail, field ?? null, wait);
  } catch {
    return new ApiProblem(status, 'answerUnreadable', `HTTP ${status}`, null, wait);
  }
}
