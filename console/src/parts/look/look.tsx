import { App as AntApp, ConfigProvider, theme as themes } from 'antd';
import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { useSpeaking } from '../../words/index.tsx';
import { paletteOf, seriesOf, themeOf } from './theme.ts';

export const LOOKS = ['system', 'light', 'dark'] as const;
export type Look = (typeof LOOKS)[number];

const STORED = 'signet.look';
const DARK = '(prefers-color-scheme: dark)';
const STILL = '(prefers-reduced-motion: reduce)';

/** The nonce of this page, without which no style may be added to it. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;

interface Looking {
  look: Look;
  dark: boolean;
  choose(look: Look): void;
}

const Context = createContext<Looking>({ look: 'system', dark: false, choose: () => {} });

/** Light or dark, as chosen or as the system is, for the page and the components' library. */
export function LookProvider({ children }: { children: ReactNode }) {
  const { components, language } = useSpeaking();
  const [look, setLook] = useState<Look>(() => LOOKS.find((each) => each === localStorage.getItem(STORED)) ?? 'system');
  const systemDark = useMedia(DARK);
  const still = useMedia(STILL);
  const dark = look === 'dark' || (look === 'system' && systemDark);
  useLayoutEffect(() => {
    const { style } = document.documentElement;
    style.colorScheme = dark ? 'dark' : 'light';
    for (const [name, colour] of Object.entries(paletteOf(dark))) style.setProperty(propertyOf(name), colour);
    for (const [place, colour] of seriesOf(dark).entries()) style.setProperty(`--series-${place}`, colour);
  }, [dark]);
  const choose = (next: Look) => {
    localStorage.setItem(STORED, next);
    setLook(next);
  };
  const theme = useMemo(
    () => ({ ...themeOf(dark, !still), algorithm: dark ? themes.darkAlgorithm : themes.defaultAlgorithm }),
    [dark, still],
  );
  return (
    <Context.Provider value={{ look, dark, choose }}>
      <ConfigProvider
        theme={theme}
        locale={components}
        {...(nonce === undefined ? {} : { csp: { nonce } })}
        button={{ autoInsertSpace: false }}
        key={language}
      >
        <AntApp message={{ maxCount: 3 }}>{children}</AntApp>
      </ConfigProvider>
    </Context.Provider>
  );
}

/** Whether a media query holds, as it changes. */
function useMedia(media: string): boolean {
  const [holds, set] = useState(() => matchMedia(media).matches);
  useEffect(() => {
    const query = matchMedia(media);
    const changed = () => set(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, [media]);
  return holds;
}

/** `brandSoft` is `--brand-soft` in style sheets. */
const propertyOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export const useLookChoice = (): Looking => useContext(Context);
