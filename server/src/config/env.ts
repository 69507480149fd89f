import { DEFAULT_FREQUENCY } from '../limits/limits.ts';

/** Which part of the project reads a setting. */
export type Part = 'server' | 'cli' | 'test';

/** One setting's name and what it means; how its text is read is decided in config.ts. */
export interface Setting {
  name: string;
  part: Part;
  meaning: string;
  /** What holds when the environment does not say, as it would be written there; empty: nothing. */
  fallback: string;
  /** Never shown. */
  secret?: true;
}

/** Every name that may begin with SIGNET_. A name outside this list stops whatever part meets it. */
export const SETTINGS = [
  { name: 'SIGNET_PORT', part: 'server', meaning: 'port of the HTTP API; 0 takes any free one', fallback: '5000' },
  { name: 'SIGNET_HOST', part: 'server', meaning: 'address the HTTP API listens on', fallback: '127.0.0.1' },
  { name: 'SIGNET_DATA', part: 'server', meaning: 'data directory', fallback: './signet-data' },
  {
    name: 'SIGNET_ROOT_PASSWORD',
    part: 'server',
    meaning: 'password of root; without it one is generated at the first start and printed once',
    fallback: '',
    secret: true,
  },
  { name: 'SIGNET_LOG_LEVEL', part: 'server', meaning: 'least severity that is logged', fallback: 'info' },
  {
    name: 'SIGNET_ENV',
    part: 'server',
    meaning: 'development or production; the built-in simulator never stands in for a carrier in production',
    fallback: 'development',
  },
  {
    name: 'SIGNET_MAX_RECIPIENTS',
    part: 'server',
    meaning: 'recipients one request may name',
    fallback: '10000',
  },
  {
    name: 'SIGNET_FREQUENCY_LIMIT',
    part: 'server',
    meaning: 'messages one business may send to one recipient within the window; 0 turns the limit off',
    fallback: String(DEFAULT_FREQUENCY.limit),
  },
  {
    name: 'SIGNET_FREQUENCY_WINDOW_S',
    part: 'server',
    meaning: 'the window of the frequency limit, in seconds',
    fallback: String(DEFAULT_FREQUENCY.windowMs / 1000),
  },
  {
    name: 'SIGNET_UNCERTAIN_WAIT_MS',
    part: 'server',
    meaning: 'how long an uncertain notification waits for a report before it is repeated once',
    fallback: '60000',
  },
  {
    name: 'SIGNET_UNKNOWN_AFTER_MS',
    part: 'server',
    meaning: 'how long an uncertain message that is not repeated waits for a report before it is called unknown',
    fallback: '86400000',
  },
  {
    name: 'SIGNET_MIN_FREE_DISK_MB',
    part: 'server',
    meaning: 'free disk space below which new requests to send are refused, in megabytes',
    fallback: '200',
  },
  {
    name: 'SIGNET_MAX_BACKLOG_ROWS',
    part: 'server',
    meaning: 'rows that may wait to be written before new requests to send are refused',
    fallback: '200000',
  },
  {
    name: 'SIGNET_URL',
    part: 'cli',
    meaning: 'where the commands find the running server',
    fallback: 'http://127.0.0.1:5000',
  },
  { name: 'SIGNET_USER', part: 'cli', meaning: 'user name or API key the commands sign in with', fallback: 'root' },
  {
    name: 'SIGNET_PASSWORD',
    part: 'cli',
    meaning: 'password or API secret the commands sign in with; without it they ask',
    fallback: '',
    secret: true,
  },
  { name: 'SIGNET_TEST_MYSQL', part: 'test', meaning: 'a MySQL or MariaDB server the tests may use', fallback: '' },
  { name: 'SIGNET_TEST_AMQP', part: 'test', meaning: 'a RabbitMQ server the tests may use', fallback: '' },
  { name: 'SIGNET_TEST_REDIS', part: 'test', meaning: 'a Redis server the tests may use', fallback: '' },
] as const satisfies readonly Setting[];

export type SettingName = (typeof SETTINGS)[number]['name'];

/** The environment says something that cannot be followed; the message is one sentence for whoever wrote it. */
export class ConfigError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'ConfigError';
  }
}

const byName = new Map<string, Setting>(SETTINGS.map((setting) => [setting.name, setting]));

/** The setting of that name. */
export function settingOf(name: SettingName): Setting {
  return byName.get(name)!;
}

/** @throws ConfigError for the first SIGNET_* name that no part of the project knows */
export function refuseUnknownNames(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env).sort()) {
    if (name.startsWith('SIGNET_') && !byName.has(name)) {
      throw new ConfigError(`${name} is not a setting: did you mean ${nearestName(name)}?`);
    }
  }
}

/** The known name that takes the fewest edits to reach. */
export function nearestName(name: string): SettingName {
  let nearest: SettingName = SETTINGS[0].name;
  let fewest = Number.POSITIVE_INFINITY;
  for (const setting of SETTINGS) {
    const edits = editDistance(name, setting.name);
    if (edits < fewest) {
      fewest = edits;
      nearest = setting.name;
    }
  }
  return nearest;
}

/** Characters to insert, delete or replace to make one text the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
