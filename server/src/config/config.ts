import { resolve } from 'node:path';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from '../domain/business.ts';
import type { Category } from '../domain/category.ts';
import {
  FREQUENCY_RULE,
  type FrequencyPolicy,
  type FrequencyWindow,
  parseFrequency,
  writeFrequency,
} from '../domain/frequency.ts';
import { NODE_ROLES, NODE_ROLES_RULE, type NodeRole, parseNodeRoles, writeNodeRoles } from '../domain/node-role.ts';
import { parseQuietHours, QUIET_HOURS_RULE, type QuietHours, writeQuietHours } from '../domain/quiet-hours.ts';
import { parseAddressList } from '../lib/address-list.ts';
import { LOG_LEVELS, type LogLevel } from '../lib/log.ts';
import { shownMysqlAddress } from '../lib/mysql-address.ts';
import { baseUrl, isHttpUrl } from './client-config.ts';
import { ConfigError, refuseUnknownNames, SETTINGS, type SettingName } from './env.ts';
import {
  parseRabbitmqAddress,
  parseRedisAddress,
  RABBITMQ_RULE,
  type RabbitmqAddress,
  REDIS_RULE,
  type RedisAddress,
  shownAddress,
} from './server-address.ts';
import { EnvironmentReader } from './values.ts';

export { ConfigError } from './env.ts';

export const ENVIRONMENTS = ['development', 'production'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** What the environment means to the server. */
export interface ServerConfig {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Absolute path. */
  dataDir: string;
  /** The database of MySQL or MariaDB everything is kept in, and its address as it may be shown; null: a file in `dataDir`. */
  store: { url: string; shown: string } | null;
  /** The RabbitMQ server that carries tasks, and its address as it may be shown; null: the memory of this process does. */
  queue: { address: RabbitmqAddress; shown: string } | null;
  /** The Redis server that processes share, and its address as it may be shown; null: none. */
  redis: { address: RedisAddress; shown: string } | null;
  /** Where frequency limits are counted while Redis is lost; closed: what they hold for is refused. */
  redisLost: 'store' | 'closed';
  /** What this process does. */
  roles: readonly NodeRole[];
  /** Null: keep the stored one, or generate one at the first start. */
  rootPassword: string | null;
  logLevel: LogLevel;
  environment: Environment;
  /** Recipients one request may name. */
  maxRecipients: number;
  /** Rows of one uploaded file. */
  maxFileRows: number;
  maxFileBytes: number;
  /** Whether the EngageLab API bans `test` in contents only as a whole word. */
  banTestAsWord: boolean;
  frequency: FrequencyPolicy;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
  /** Address of this server as others reach it, without a slash at its end; null: not known. */
  publicUrl: string | null;
  /** How long an uncertain message waits before it is repeated; null: it is never repeated. */
  repeatAfterMs: Record<Category, number | null>;
  /** How often a message is repeated whose link broke each time. */
  lostRepeats: number;
  unknownAfterMs: number;
  failoverAfterMs: number;
  /** A process that is told to stop takes requests for so much longer, while it says that it is not ready. */
  stopDelayMs: number;
  /** How far back the business is looked for that wrote last to somebody who opts out at nobody's number; 0: not at all. */
  optOutLastMs: number;
  /** A message without a report is `unreported` after this long. */
  unreportedAfterMs: number;
  /** How long messages with their plans, and events, are kept; 0: for ever. */
  messagesKeptMs: number;
  eventsKeptMs: number;
  /** How long reports are kept as carriers wrote them; 0: they are not. */
  reportsKeptMs: number;
  maxLateMs: number;
  /** How long after its start a plan's messages are sent. */
  validityMs: Record<Category, number>;
  /** When no marketing is sent, by the recipient's clock; null: never. */
  quietHours: QuietHours | null;
  minFreeDiskBytes: number;
  maxBacklogRows: number;
  /** What the logs of all channels keep; 0 octets: nothing is logged. */
  channelLog: { maxOctets: number; maxAgeMs: number };
  /** A session of the console ends after so long without use, and after so long in any case. */
  sessionIdleMs: number;
  sessionMaxMs: number;
  /** How long runs of chores are kept. */
  tasksKeptMs: number;
  /** Whether webhooks may have http:// addresses. */
  webhookHttp: boolean;
  /** Networks webhooks may be in although they are not public, such as `10.0.0.0/8`. */
  webhookNetworks: readonly string[];
  /** The settings that came from the environment; the others hold their fallback. */
  given: ReadonlySet<SettingName>;
}

const NEVER = 'never';
const FOREVER = 'forever';
/** Reports are taken for fourteen days, and webhooks told for some. */
const MIN_MESSAGES_KEPT_DAYS = 16;
const ON_OFF = ['on', 'off'] as const;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MEGABYTE = 1_000_000;

/** @throws ConfigError for an unknown SIGNET_* name or a value that cannot be used */
export function loadServerConfig(env: NodeJS.ProcessEnv): ServerConfig {
  refuseUnknownNames(env);
  const read = new EnvironmentReader(env);
  const roles = parseNodeRoles(read.text('SIGNET_ROLE', NODE_ROLES_RULE, (text) => parseNodeRoles(text) !== null))!;
  const kept = store(read);
  if (kept === null && roles.length < NODE_ROLES.length) {
    throw new ConfigError('SIGNET_ROLE must be all while SIGNET_STORE is a file: one process alone can work with it.');
  }
  const validity = (name: SettingName) => read.integer(name, 1, (30 * DAY_MS) / 1000) * 1000;
  return {
    port: read.integer('SIGNET_PORT', 0, 65_535),
    host: read.text('SIGNET_HOST', 'an IP address or a host name', (text) => /^[A-Za-z0-9._:%-]{1,255}$/.test(text)),
    dataDir: resolve(read.text('SIGNET_DATA', 'a path', (text) => text.trim() !== '')),
    store: kept,
    queue: queue(read),
    redis: redis(read),
    redisLost: read.word('SIGNET_REDIS_LOST', REDIS_LOST),
    roles,
    rootPassword: read.optionalText('SIGNET_ROOT_PASSWORD', PASSWORD_RULE, isPassword),
    logLevel: read.word('SIGNET_LOG_LEVEL', LOG_LEVELS),
    environment: read.word('SIGNET_ENV', ENVIRONMENTS),
    maxRecipients: read.integer('SIGNET_MAX_RECIPIENTS', 1, 1_000_000),
    maxFileRows: read.integer('SIGNET_MAX_FILE_ROWS', 1, 10_000_000),
    maxFileBytes: read.integer('SIGNET_MAX_FILE_MB', 1, 10_000) * MEGABYTE,
    banTestAsWord: read.word('SIGNET_BAN_TEST_AS_WORD', ON_OFF) === 'on',
    frequency: {
      all: frequency(read, 'SIGNET_FREQUENCY'),
      of: {
        verification: frequency(read, 'SIGNET_FREQUENCY_VERIFICATION'),
        notification: frequency(read, 'SIGNET_FREQUENCY_NOTIFICATION'),
        marketing: frequency(read, 'SIGNET_FREQUENCY_MARKETING'),
      },
    },
    trustedProxies: addresses(read, 'SIGNET_TRUSTED_PROXIES'),
    publicUrl: publicUrl(read),
    repeatAfterMs: {
      verification: read.integerOr('SIGNET_UNCERTAIN_VERIFICATION_MS', 0, 30 * DAY_MS, NEVER),
      notification: read.integerOr('SIGNET_UNCERTAIN_NOTIFICATION_MS', 0, 30 * DAY_MS, NEVER),
      marketing: read.integerOr('SIGNET_UNCERTAIN_MARKETING_MS', 0, 30 * DAY_MS, NEVER),
    },
    lostRepeats: read.integer('SIGNET_UNCERTAIN_LOST_REPEATS', 1, 10),
    unknownAfterMs: read.integer('SIGNET_UNKNOWN_AFTER_MS', 0, 30 * DAY_MS),
    failoverAfterMs: read.integer('SIGNET_FAILOVER_AFTER_MS', 0, DAY_MS),
    stopDelayMs: read.integer('SIGNET_STOP_DELAY_MS', 0, 60_000),
    optOutLastMs: read.integer('SIGNET_OPT_OUT_LAST_DAYS', 0, 365) * DAY_MS,
    unreportedAfterMs: read.integer('SIGNET_UNREPORTED_AFTER_S', 60, (14 * DAY_MS) / 1000) * 1000,
    messagesKeptMs: (read.integerOr('SIGNET_MESSAGES_KEPT_DAYS', MIN_MESSAGES_KEPT_DAYS, 3_650, FOREVER) ?? 0) * DAY_MS,
    eventsKeptMs: (read.integerOr('SIGNET_EVENTS_KEPT_DAYS', 1, 3_650, FOREVER) ?? 0) * DAY_MS,
    reportsKeptMs: read.integer('SIGNET_REPORTS_KEPT_DAYS', 0, 3_650) * DAY_MS,
    maxLateMs: read.integer('SIGNET_MAX_LATE_MS', 0, 30 * DAY_MS),
    validityMs: {
      verification: validity('SIGNET_VALIDITY_VERIFICATION_S'),
      notification: validity('SIGNET_VALIDITY_NOTIFICATION_S'),
      marketing: validity('SIGNET_VALIDITY_MARKETING_S'),
    },
    quietHours: parseQuietHours(
      read.text('SIGNET_QUIET_HOURS', QUIET_HOURS_RULE, (text) => text === 'off' || parseQuietHours(text) !== null),
    ),
    minFreeDiskBytes: read.integer('SIGNET_MIN_FREE_DISK_MB', 0, 1_000_000_000) * MEGABYTE,
    maxBacklogRows: read.integer('SIGNET_MAX_BACKLOG_ROWS', 1, 100_000_000),
    channelLog: {
      maxOctets: read.integer('SIGNET_CHANNEL_LOG_MB', 0, 1_000_000) * MEGABYTE,
      maxAgeMs: read.integer('SIGNET_CHANNEL_LOG_DAYS', 1, 366) * DAY_MS,
    },
    sessionIdleMs: read.integer('SIGNET_SESSION_IDLE_MINUTES', 5, 10_080) * MINUTE_MS,
    sessionMaxMs: read.integer('SIGNET_SESSION_MAX_HOURS', 1, 720) * HOUR_MS,
    tasksKeptMs: read.integer('SIGNET_TASKS_KEPT_DAYS', 1, 366) * DAY_MS,
    webhookHttp: read.word('SIGNET_WEBHOOK_ALLOW_HTTP', YES_NO) === 'yes',
    webhookNetworks: addresses(read, 'SIGNET_WEBHOOK_ALLOW_NETWORKS'),
    given: read.given,
  };
}

function frequency(read: EnvironmentReader, name: SettingName): FrequencyWindow[] {
  return parseFrequency(read.text(name, FREQUENCY_RULE, (text) => parseFrequency(text) !== null))!;
}

const SQLITE = 'sqlite';

/** @throws ConfigError that says what is wrong with the address, without the password */
function store(read: EnvironmentReader): ServerConfig['store'] {
  const url = read.text('SIGNET_STORE', `${SQLITE} or mysql://user:password@host:port/database`, () => true);
  if (url === SQLITE) return null;
  try {
    return { url, shown: shownMysqlAddress(url) };
  } catch (error) {
    throw new ConfigError(`SIGNET_STORE cannot be used: ${(error as Error).message}.`);
  }
}

function queue(read: EnvironmentReader): ServerConfig['queue'] {
  const allowed = `${MEMORY} or ${RABBITMQ_RULE}`;
  const text = read.text('SIGNET_QUEUE', allowed, (given) => given === MEMORY || parseRabbitmqAddress(given) !== null);
  return text === MEMORY ? null : { address: parseRabbitmqAddress(text)!, shown: shownAddress(text) };
}

const MEMORY = 'memory';

function redis(read: EnvironmentReader): ServerConfig['redis'] {
  const text = read.optionalText('SIGNET_REDIS', REDIS_RULE, (given) => parseRedisAddress(given) !== null);
  return text === null ? null : { address: parseRedisAddress(text)!, shown: shownAddress(text) };
}

const REDIS_LOST = ['store', 'closed'] as const;

const YES_NO = ['yes', 'no'] as const;

/** Addresses and networks a setting lists; empty when it lists none. */
function addresses(read: EnvironmentReader, name: SettingName): readonly string[] {
  const rule = 'IP addresses or networks such as 127.0.0.1 or 10.0.0.0/8, separated by commas';
  const text = read.optionalText(name, rule, (given) => parseAddressList(given) !== null);
  return text === null ? [] : parseAddressList(text)!;
}

function publicUrl(read: EnvironmentReader): string | null {
  const text = read.optionalText('SIGNET_PUBLIC_URL', 'an address like https://sms.example.net', isHttpUrl);
  return text === null ? null : baseUrl(text);
}

const PASSWORD_RULE = `a text of ${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH} characters`;

function isPassword(text: string): boolean {
  const length = [...text].length;
  return length >= PASSWORD_MIN_LENGTH && length <= PASSWORD_MAX_LENGTH;
}

/** Each server setting as it holds now, secrets hidden: name, value, where it came from. */
export function describeConfig(config: ServerConfig): [SettingName, string, 'default' | 'environment'][] {
  const values: Partial<Record<SettingName, string | number>> = {
    SIGNET_PORT: config.port,
    SIGNET_HOST: config.host,
    SIGNET_DATA: config.dataDir,
    SIGNET_STORE: config.store?.shown ?? SQLITE,
    SIGNET_QUEUE: config.queue?.shown ?? MEMORY,
    SIGNET_REDIS: config.redis?.shown ?? '(none)',
    SIGNET_REDIS_LOST: config.redisLost,
    SIGNET_ROLE: writeNodeRoles(config.roles),
    SIGNET_ROOT_PASSWORD: config.rootPassword === null ? '(not set)' : '(hidden)',
    SIGNET_LOG_LEVEL: config.logLevel,
    SIGNET_ENV: config.environment,
    SIGNET_MAX_RECIPIENTS: config.maxRecipients,
    SIGNET_MAX_FILE_ROWS: config.maxFileRows,
    SIGNET_MAX_FILE_MB: config.maxFileBytes / MEGABYTE,
    SIGNET_BAN_TEST_AS_WORD: config.banTestAsWord ? 'on' : 'off',
    SIGNET_FREQUENCY: writeFrequency(config.frequency.all),
    SIGNET_FREQUENCY_VERIFICATION: writeFrequency(config.frequency.of.verification),
    SIGNET_FREQUENCY_NOTIFICATION: writeFrequency(config.frequency.of.notification),
    SIGNET_FREQUENCY_MARKETING: writeFrequency(config.frequency.of.marketing),
    SIGNET_TRUSTED_PROXIES: config.trustedProxies.join(',') || '(none)',
    SIGNET_PUBLIC_URL: config.publicUrl ?? '(not set)',
    SIGNET_UNCERTAIN_VERIFICATION_MS: config.repeatAfterMs.verification ?? NEVER,
    SIGNET_UNCERTAIN_NOTIFICATION_MS: config.repeatAfterMs.notification ?? NEVER,
    SIGNET_UNCERTAIN_MARKETING_MS: config.repeatAfterMs.marketing ?? NEVER,
    SIGNET_UNCERTAIN_LOST_REPEATS: config.lostRepeats,
    SIGNET_UNKNOWN_AFTER_MS: config.unknownAfterMs,
    SIGNET_FAILOVER_AFTER_MS: config.failoverAfterMs,
    SIGNET_STOP_DELAY_MS: config.stopDelayMs,
    SIGNET_OPT_OUT_LAST_DAYS: config.optOutLastMs / DAY_MS,
    SIGNET_UNREPORTED_AFTER_S: config.unreportedAfterMs / 1000,
    SIGNET_MESSAGES_KEPT_DAYS: config.messagesKeptMs / DAY_MS || FOREVER,
    SIGNET_EVENTS_KEPT_DAYS: config.eventsKeptMs / DAY_MS || FOREVER,
    SIGNET_REPORTS_KEPT_DAYS: config.reportsKeptMs / DAY_MS,
    SIGNET_MAX_LATE_MS: config.maxLateMs,
    SIGNET_VALIDITY_VERIFICATION_S: config.validityMs.verification / 1000,
    SIGNET_VALIDITY_NOTIFICATION_S: config.validityMs.notification / 1000,
    SIGNET_VALIDITY_MARKETING_S: config.validityMs.marketing / 1000,
    SIGNET_QUIET_HOURS: config.quietHours === null ? 'off' : writeQuietHours(config.quietHours),
    SIGNET_MIN_FREE_DISK_MB: config.minFreeDiskBytes / MEGABYTE,
    SIGNET_MAX_BACKLOG_ROWS: config.maxBacklogRows,
    SIGNET_CHANNEL_LOG_MB: config.channelLog.maxOctets / MEGABYTE,
    SIGNET_CHANNEL_LOG_DAYS: config.channelLog.maxAgeMs / DAY_MS,
    SIGNET_SESSION_IDLE_MINUTES: config.sessionIdleMs / MINUTE_MS,
    SIGNET_SESSION_MAX_HOURS: config.sessionMaxMs / HOUR_MS,
    SIGNET_TASKS_KEPT_DAYS: config.tasksKeptMs / DAY_MS,
    SIGNET_WEBHOOK_ALLOW_HTTP: config.webhookHttp ? 'yes' : 'no',
    SIGNET_WEBHOOK_ALLOW_NETWORKS: config.webhookNetworks.join(',') || '(none)',
  };
  return SETTINGS.filter((setting) => setting.part === 'server').map(({ name }) => [
    name,
    String(values[name]),
    config.given.has(name) ? 'environment' : 'default',
  ]);
}
