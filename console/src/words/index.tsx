import type { Locale } from 'antd/es/locale';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import type { en } from './en/index.ts';
import type { Widen } from './widen.ts';

/** Every text of the console in one language. */
export type Words = Widen<typeof en>;

export const LANGUAGES = ['zh-CN', 'zh-TW', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A language in its own words. */
export const LANGUAGE_NAMES: Record<Language, string> = { 'zh-CN': '简体中文', 'zh-TW': '繁體中文', en: 'English' };

interface Spoken {
  language: Language;
  words: Words;
  /** The words of the components' library. */
  components: Locale;
}

// Each language is a file of its own; only the one that is read is fetched.
const SPEAK: Record<Language, () => Promise<Spoken>> = {
  'zh-CN': () => import('./zh-CN/index.ts').then(({ zhCN, components }) => spoken('zh-CN', zhCN, components)),
  'zh-TW': () => import('./zh-TW/index.ts').then(({ zhTW, components }) => spoken('zh-TW', zhTW, components)),
  en: () => import('./en/index.ts').then(({ en, components }) => spoken('en', en, components)),
};

const spoken = (language: Language, words: Words, components: Locale): Spoken => ({ language, words, components });

const STORED = 'signet.language';

/** The language somebody chose, or the one their browser asks for. */
export function preferredLanguage(): Language {
  const chosen = LANGUAGES.find((language) => language === localStorage.getItem(STORED));
  if (chosen !== undefined) return chosen;
  for (const wanted of navigator.languages) {
    if (/^zh\b.*(?:TW|HK|MO|Hant)/i.test(wanted)) return 'zh-TW';
    if (/^zh\b/i.test(wanted)) return 'zh-CN';
    if (/^en\b/i.test(wanted)) return 'en';
  }
  return 'en';
}

interface Speaking extends Spoken {
  speak(language: Language): void;
}

const Context = createContext<Speaking | null>(null);

/** Gives everything below it words; shows nothing until they are there. */
export function SpeakingProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(preferredLanguage);
  const [current, setCurrent] = useState<Spoken | null>(null);
  useEffect(() => {
    let wanted = true;
    void SPEAK[language]().then((next) => {
      if (!wanted) return;
      document.documentElement.lang = language;
      setCurrent(next);
    });
    return () => {
      wanted = false;
    };
  }, [language]);
  if (current === null) return null;
  const speak = (next: Language) => {
    localStorage.setItem(STORED, next);
    setLanguage(next);
  };
  return <Context.Provider value={{ ...current, speak }}>{children}</Context.Provider>;
}

export function useSpeaking(): Speaking {
  const speaking = useContext(Context);
  if (speaking === null) throw new Error('no language is spoken here');
  return speaking;
}

/** The words of the language that is spoken. */
export const useWords = (): Words => useSpeaking().words;
