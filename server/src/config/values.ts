import { ConfigError, type SettingName, settingOf } from './env.ts';

/**
 * Reads texts of the environment. Each method refuses with one sentence that names the setting and what is allowed; an
 * empty text is refused too, because it is a slip more often than a wish.
 */
export class EnvironmentReader {
  /** Names the environment set, among those asked for. */
  readonly given = new Set<SettingName>();
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** The text, or its fallback; `allowed` completes "… must be". */
  text(name: SettingName, allowed: string, accepts: (text: string) => boolean): string {
    const setting = settingOf(name);
    const text = this.#env[name];
    if (text === undefined) return setting.fallback;
    if (text === '') {
      const otherwise = setting.fallback === '' ? 'or leave it out' : `or leave it out for ${setting.fallback}`;
      throw new ConfigError(`${name} is empty: it must be ${allowed}, ${otherwise}.`);
    }
    if (!accepts(text)) {
      const shown = setting.secret ? 'has a value that' : `is ${JSON.stringify(text)}, which`;
      throw new ConfigError(`${name} ${shown} cannot be used: it must be ${allowed}.`);
    }
    this.given.add(name);
    return text;
  }

  /** The same for a setting without a fallback; null when it is not set. */
  optionalText(name: SettingName, allowed: string, accepts: (text: string) => boolean): string | null {
    return this.#env[name] === undefined ? null : this.text(name, allowed, accepts);
  }

  /** A whole number, written in decimal digits. */
  integer(name: SettingName, min: number, max: number): number {
    const accepts = (text: string) => /^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max;
    return Number(this.text(name, `a whole number from ${min} to ${max}`, accepts));
  }

  /** The same, or a word that stands for none. */
  integerOr(name: SettingName, min: number, max: number, none: string): number | null {
    const accepts = (text: string) =>
      text === none || (/^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max);
    const text = this.text(name, `${none} or a whole number from ${min} to ${max}`, accepts);
    return text === none ? null : Number(text);
  }

  /** One of a few words. */
  word<T extends string>(name: SettingName, words: readonly T[]): T {
    const isWord = (text: string): text is T => (words as readonly string[]).includes(text);
    return this.text(name, `one of ${words.join(', ')}`, isWord) as T;
  }
}
