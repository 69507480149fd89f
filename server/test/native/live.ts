import type { House } from '../house.ts';

/** One server-sent event as it came. */
export interface LiveEvent {
  event: string;
  id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: read from the wire
  data: any;
}

/** A stream of server-sent events that is read as it comes. */
export interface LiveStream {
  readonly status: number;
  readonly headers: Headers;
  /** What came so far. */
  readonly events: readonly LiveEvent[];
  /** Comments and fields of the stream itself. */
  readonly lines: readonly string[];
  readonly ended: boolean;
  /** The body of an answer that is no stream. */
  readonly text: string;
  close(): void;
}

/** Opens `GET /api/v1/live` as somebody. */
export async function openLive(
  house: House,
  login: { user: string; password: string },
  query: string,
  headers: Record<string, string> = {},
): Promise<LiveStream> {
  const abort = new AbortController();
  const answer = await fetch(`${house.url}/api/v1/live?${query}`, {
    headers: {
      authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`,
      ...headers,
    },
    signal: abort.signal,
  });
  const events: LiveEvent[] = [];
  const lines: string[] = [];
  const stream = { ended: false, text: '' };
  const take = (block: string) => {
    const fields = block.split('\n').map((line) => /^([a-z]*): ?(.*)$/.exec(line) ?? ['', '', line]);
    const of = (name: string) => fields.find(([, field]) => field === name)?.[2] ?? null;
    const data = of('data');
    if (data === null) lines.push(block);
    else events.push({ event: of('event') ?? '', id: of('id'), data: JSON.parse(data) });
  };
  const read = async () => {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of answer.body!) {
        rest += decoder.decode(chunk as Uint8Array, { stream: true });
        const blocks = rest.split('\n\n');
        rest = blocks.pop()!;
        for (const block of blocks) take(block);
      }
    } catch {
      // Closed by us, or cut by the server.
    }
    stream.text = rest;
    stream.ended = true;
  };
  if (answer.status === 200) void read();
  else await read();
  return {
    status: answer.status,
    headers: answer.headers,
    events,
    lines,
    get ended() {
      return stream.ended;
    },
    get text() {
      return stream.text;
    },
    close: () => abort.abort(),
  };
}
