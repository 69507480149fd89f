/** One setting of something an operator sets up, as data: the API, its document and the command line follow from it. */
export interface Setting<T> {
  /** What it means and which values it takes; an error quotes it. */
  readonly description: string;
  /** JSON Schema of its values, without the description. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** How it is written on a command line. */
  readonly written: 'text' | 'integer' | 'integerOr' | 'onOff' | 'file' | 'list' | 'pairs';
  /** What it is when nothing is said; undefined: it has to be said. */
  readonly initial: T | undefined;
  /** Whether it is taken, but never shown. */
  readonly secret: boolean;
  /** For `integerOr`: the other value, and the word for it on a command line. */
  readonly other?: { value: T; word: string };
}

/** A setting that has to be given. */
export const needed = <T>(setting: Setting<T>): Setting<T> => ({ ...setting, initial: undefined });

/** A setting that is taken, but never shown. */
export const secret = <T>(setting: Setting<T>): Setting<T> => ({ ...setting, secret: true });

export const text = (meaning: string, pattern: string, initial = ''): Setting<string> => ({
  description: meaning,
  schema: { type: 'string', pattern },
  written: 'text',
  initial,
  secret: false,
});

/** A text that is sent as it is, of printable ASCII characters. */
export const ascii = (meaning: string, minLength: number, maxLength: number): Setting<string> =>
  text(
    `${meaning}: ${minLength} to ${maxLength} printable ASCII characters`,
    `^[\\x20-\\x7e]{${minLength},${maxLength}}$`,
  );

export const integer = (meaning: string, minimum: number, maximum: number, initial = minimum): Setting<number> => ({
  description: `${meaning}: an integer from ${minimum} to ${maximum}`,
  schema: { type: 'integer', minimum, maximum },
  written: 'integer',
  initial,
  secret: false,
});

/** An integer or one other value, which it is when nothing is said. */
export const integerOr = <T extends string | null>(
  meaning: string,
  minimum: number,
  maximum: number,
  other: { value: T; word: string },
): Setting<number | T> => ({
  description: `${meaning}: ${other.value ?? 'null'}, or an integer from ${minimum} to ${maximum}`,
  schema: { anyOf: [{ const: other.value }, { type: 'integer', minimum, maximum }] },
  written: 'integerOr',
  initial: other.value,
  secret: false,
  other,
});

export const onOff = (meaning: string, initial: boolean): Setting<boolean> => ({
  description: `${meaning}: true or false`,
  schema: { type: 'boolean' },
  written: 'onOff',
  initial,
  secret: false,
});

/** One of some words, the first when nothing is said. */
export const word = <const W extends string>(meaning: string, words: readonly [W, ...W[]]): Setting<W> => ({
  description: `${meaning}: one of ${words.join(', ')}`,
  schema: { type: 'string', enum: words },
  written: 'text',
  initial: words[0],
  secret: false,
});

/** Some of some words, each once. */
export const list = <W extends string>(
  meaning: string,
  words: readonly W[],
  minItems: number,
  initial: readonly W[],
): Setting<readonly W[]> => ({
  description: `${meaning}: a list of ${minItems === 0 ? 'none or more' : `${minItems} or more`} of ${words.join(', ')}`,
  schema: { type: 'array', items: { type: 'string', enum: words }, minItems, uniqueItems: true },
  written: 'list',
  initial,
  secret: false,
});

/** Values by name; the names are judged by whoever knows them. */
export const pairs = <T>(meaning: string, values: Readonly<Record<string, unknown>>): Setting<Record<string, T>> => ({
  description: meaning,
  schema: { type: 'object', additionalProperties: values, maxProperties: MAX_PAIRS },
  written: 'pairs',
  initial: {},
  secret: false,
});
const MAX_PAIRS = 10_000;

/** Something in PEM (RFC 7468), or nothing; on a command line, the file it stands in. */
export const pem = (meaning: string, label: string): Setting<string> => ({
  description: `${meaning}: PEM, or empty`,
  schema: {
    type: 'string',
    maxLength: MAX_PEM_LENGTH,
    pattern: `^(?:\\s*-----BEGIN ${label}-----[\\s\\S]*-----END ${label}-----\\s*)?$`,
  },
  written: 'file',
  initial: '',
  secret: false,
});
const MAX_PEM_LENGTH = 200_000;

/** A setting with its name in this house and on the wire. */
export interface NamedSetting<Name extends string = string> {
  readonly name: Name;
  readonly wire: string;
  readonly setting: Setting<unknown>;
}

/** The lines of a table of settings. */
export const settingList = <Name extends string>(table: Readonly<Record<Name, unknown>>): NamedSetting<Name>[] =>
  (Object.entries(table) as [Name, Setting<unknown>][]).map(([name, setting]) => ({
    name,
    wire: wireName(name),
    setting,
  }));

/** `systemId` on the wire: `system_id`. */
export const wireName = (name: string): string => name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
