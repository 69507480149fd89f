import { useEffect, useRef, useState } from 'react';
import type { Schemas } from './schema.js';

/** Something the server tells as it happens. `reset`: what happened in between cannot be told; ask for everything anew. */
export type LiveEvent = Schemas['Live'];
export type Topic = Exclude<LiveEvent['topic'], 'reset'>;

/** How the stream stands. */
export type LiveState = 'connecting' | 'open' | 'away' | 'paused';

/**
 * Follows topics of `GET /api/v1/live` while the component is there. The browser connects again by itself and says what
 * it has seen last.
 * @param paused the stream is closed until it is not
 */
export function useLive(
  topics: readonly Topic[],
  onEvent: (event: LiveEvent) => void,
  { paused = false }: { paused?: boolean } = {},
): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  const handler = useRef(onEvent);
  handler.current = onEvent;
  const asked = topics.join(',');
  useEffect(() => {
    if (paused || asked === '') {
      setState('paused');
      return;
    }
    setState('connecting');
    const source = new EventSource(`/api/v1/live?topics=${encodeURIComponent(asked)}`);
    source.onopen = () => setState('open');
    source.onerror = () => setState(source.readyState === EventSource.CLOSED ? 'away' : 'connecting');
    const told = (event: MessageEvent<string>) => handler.current(JSON.parse(event.data) as LiveEvent);
    for (const topic of [...asked.split(','), 'reset']) source.addEventListener(topic, told);
    return () => source.close();
  }, [asked, paused]);
  return state;
}
