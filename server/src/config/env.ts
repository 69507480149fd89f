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
    name: 'SIGNET_STORE',
    part: 'server',
    meaning: 'where everything is kept: sqlite (a file in the data directory), or a MySQL or MariaDB database',
    fallback: 'sqlite',
    secret: true,
  },
  {
    name: 'SIGNET_ROLE',
    part: 'server',
    meaning: 'what this process does for its installation: all, or some of api, worker and channel',
    fallback: 'all',
  },
  {
    name: 'SIGNET_QUEUE',
    part: 'server',
    meaning: 'what carries tasks to the channels: memory, or a RabbitMQ server',
    fallback: 'memory',
    secret: true,
  },
  {
    name: 'SIGNET_REDIS',
    part: 'server',
    meaning: 'a Redis server that processes share: frequency limits, and nudges between them',
    fallback: '',
    secret: true,
  },
  {
    name: 'SIGNET_REDIS_LOST',
    part: 'server',
    meaning:
      'store or closed: whether frequency limits are counted in the store while Redis is lost, or sending is refused',
    fallback: 'store',
  },
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
    name: 'SIGNET_MAX_FILE_ROWS',
    part: 'server',
    meaning: 'rows one uploaded file may have',
    fallback: '1000000',
  },
  {
    name: 'SIGNET_MAX_FILE_MB',
    part: 'server',
    meaning: 'size one uploaded file may have, in megabytes',
    fallback: '200',
  },
  {
    name: 'SIGNET_BAN_TEST_AS_WORD',
    part: 'server',
    meaning: 'on: template contents made through the EngageLab API may hold "test" inside words',
    fallback: 'off',
  },
  {
    name: 'SIGNET_FREQUENCY',
    part: 'server',
    meaning: 'messages of any category that one business may send to one recipient, and within what time',
    fallback: '20/600s',
  },
  {
    name: 'SIGNET_FREQUENCY_VERIFICATION',
    part: 'server',
    meaning: 'the same for verification messages alone, beside SIGNET_FREQUENCY',
    fallback: 'off',
  },
  {
    name: 'SIGNET_FREQUENCY_NOTIFICATION',
    part: 'server',
    meaning: 'the same for notifications alone',
    fallback: 'off',
  },
  {
    name: 'SIGNET_FREQUENCY_MARKETING',
    part: 'server',
    meaning: 'the same for marketing messages alone',
    fallback: 'off',
  },
  {
    name: 'SIGNET_PUBLIC_URL',
    part: 'server',
    meaning: 'address of this server as carriers reach it, for the addresses they are to report to',
    fallback: '',
  },
  {
    name: 'SIGNET_TRUSTED_PROXIES',
    part: 'server',
    meaning: 'addresses and networks of proxies whose X-Forwarded-For says where a request comes from',
    fallback: '',
  },
  {
    name: 'SIGNET_UNCERTAIN_VERIFICATION_MS',
    part: 'server',
    meaning: 'how long an uncertain verification code waits for a report before it is repeated; never: not at all',
    fallback: '0',
  },
  {
    name: 'SIGNET_UNCERTAIN_NOTIFICATION_MS',
    part: 'server',
    meaning: 'the same for notifications',
    fallback: '60000',
  },
  {
    name: 'SIGNET_UNCERTAIN_MARKETING_MS',
    part: 'server',
    meaning: 'the same for marketing',
    fallback: 'never',
  },
  {
    name: 'SIGNET_UNCERTAIN_LOST_REPEATS',
    part: 'server',
    meaning: 'how often an uncertain message is repeated, at most, whose link broke each time',
    fallback: '1',
  },
  {
    name: 'SIGNET_UNKNOWN_AFTER_MS',
    part: 'server',
    meaning: 'how long an uncertain message that is not repeated waits for a report before it is called unknown',
    fallback: '86400000',
  },
  {
    name: 'SIGNET_FAILOVER_AFTER_MS',
    part: 'server',
    meaning: "how long a channel's link may be down before the other channels of a route take its messages",
    fallback: '30000',
  },
  {
    name: 'SIGNET_STOP_DELAY_MS',
    part: 'server',
    meaning:
      'how long a server that is told to stop goes on taking requests while /readyz says that it is not ready, so that a proxy has turned to others before',
    fallback: '0',
  },
  {
    name: 'SIGNET_OPT_OUT_LAST_DAYS',
    part: 'server',
    meaning:
      "how many days back the business is looked for that wrote last to somebody who opts out at nobody's number; 0: not at all",
    fallback: '30',
  },
  {
    name: 'SIGNET_UNREPORTED_AFTER_S',
    part: 'server',
    meaning: 'seconds after which a message without a report is called unreported',
    fallback: '259200',
  },
  {
    name: 'SIGNET_MESSAGES_KEPT_DAYS',
    part: 'server',
    meaning: 'days for which messages and the plans they belong to are kept; forever: they are never forgotten',
    fallback: 'forever',
  },
  {
    name: 'SIGNET_EVENTS_KEPT_DAYS',
    part: 'server',
    meaning: 'the same for events, which are kept in any case until webhooks and figures have read them',
    fallback: 'forever',
  },
  {
    name: 'SIGNET_REPORTS_KEPT_DAYS',
    part: 'server',
    meaning: 'days for which delivery reports are kept as carriers wrote them; 0: they are not',
    fallback: '30',
  },
  {
    name: 'SIGNET_MAX_LATE_MS',
    part: 'server',
    meaning: 'how late a scheduled plan may start, for example after the server was down; later it is not sent',
    fallback: '3600000',
  },
  {
    name: 'SIGNET_VALIDITY_VERIFICATION_S',
    part: 'server',
    meaning: 'seconds after which a verification code that was not sent is not sent any more',
    fallback: '600',
  },
  {
    name: 'SIGNET_VALIDITY_NOTIFICATION_S',
    part: 'server',
    meaning: 'the same for notifications',
    fallback: '259200',
  },
  {
    name: 'SIGNET_VALIDITY_MARKETING_S',
    part: 'server',
    meaning: 'the same for marketing',
    fallback: '259200',
  },
  {
    name: 'SIGNET_QUIET_HOURS',
    part: 'server',
    meaning: 'when no marketing is sent, by the clock of the recipient',
    fallback: 'off',
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
    name: 'SIGNET_CHANNEL_LOG_MB',
    part: 'server',
    meaning: 'room for the logs of all channels together, in megabytes; 0: exchanges are not logged',
    fallback: '1000',
  },
  {
    name: 'SIGNET_CHANNEL_LOG_DAYS',
    part: 'server',
    meaning: 'how long a line of a channel log is kept, in days',
    fallback: '7',
  },
  {
    name: 'SIGNET_SESSION_IDLE_MINUTES',
    part: 'server',
    meaning: 'minutes after which a session of the console that nobody uses ends',
    fallback: '120',
  },
  {
    name: 'SIGNET_SESSION_MAX_HOURS',
    part: 'server',
    meaning: 'hours after which a session of the console ends, however busy it is',
    fallback: '24',
  },
  {
    name: 'SIGNET_TASKS_KEPT_DAYS',
    part: 'server',
    meaning: "how long the platform's own tasks can be looked up after they ended, in days",
    fallback: '7',
  },
  {
    name: 'SIGNET_WEBHOOK_ALLOW_HTTP',
    part: 'server',
    meaning: 'yes or no: whether webhooks may have http:// addresses',
    fallback: 'no',
  },
  {
    name: 'SIGNET_WEBHOOK_ALLOW_NETWORKS',
    part: 'server',
    meaning: 'addresses and networks webhooks may be in although they are not public, separated by commas',
    fallback: '',
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
  {
    name: 'SIGNET_TEST_STORE',
    part: 'test',
    meaning: 'the store verbs are tested over: sqlite or mysql',
    fallback: 'sqlite',
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
