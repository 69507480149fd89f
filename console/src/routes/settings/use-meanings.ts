import { useQuery } from '@tanstack/react-query';
import { type Language, useSpeaking } from '../../words/index.tsx';

// Only who runs an installation reads them: fetched here, and in one language.
const MEANINGS: Partial<Record<Language, () => Promise<{ meanings: Record<string, string> }>>> = {
  'zh-CN': () => import('./meanings/zh-CN.ts'),
  'zh-TW': () => import('./meanings/zh-TW.ts'),
};

/**
 * What a variable of the environment means in the language of the page; undefined where the server's words are that, a
 * space that keeps its line while they are fetched.
 */
export function useMeanings(): (name: string) => string | undefined {
  const { language } = useSpeaking();
  const { data } = useQuery({
    queryKey: ['meanings', language],
    queryFn: async () => (await MEANINGS[language]?.())?.meanings ?? {},
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (name) => (data === undefined ? '\u00a0' : data[name]);
}
