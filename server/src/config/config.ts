import { resolve } from 'node:path';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from '../domain/business.ts';
import { LOG_LEVELS, type LogLevel } from '../lib/log.ts';
import type { FrequencyWindow } from '../limits/limits.ts';
import { refuseUnknownNames, SETTINGS, type SettingName } from './env.ts';
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
  /** Null: keep the stored one, or generate one at the first start. */
  rootPassword: string | null;
  logLevel: LogLevel;
  environment: Environment;
  /** Recipients one request may name. */
  maxRecipients: number;
  /** Null: no limit. */
  frequency: FrequencyWindow | null;
  uncertainWaitMs: number;
  unknownAfterMs: number;
  minFreeDiskBytes: number;
  maxBacklogRows: number;
  /** The settings that came from the environment; the others hold their fallback. */
  given: ReadonlySet<SettingName>;
}

const DAY_MS = 86_400_000;
const MEGABYTE = 1_000_000;

/** @throws ConfigError for an unknown SIGNET_* name or a value that cannot be used */
export function loadServerConfig(env: NodeJS.ProcessEnv): ServerConfig {
  refuseUnknownNames(env);
  const read = new EnvironmentReader(env);
  const limit = read.integer('SIGNET_FREQUENCY_LIMIT', 0, 1_000_000);
  // Counts live in memory, so the window is an hour at most.
  const windowMs = read.integer('SIGNET_FREQUENCY_WINDOW_S', 1, 3600) * 1000;
  return {
    port: read.integer('SIGNET_PORT', 0, 65_535),
    host: read.text('SIGNET_HOST', 'an IP address or a host name', (text) => /^[A-Za-z0-9._:%-]{1,255}$/.test(text)),
    dataDir: resolve(read.text('SIGNET_DATA', 'a path', (text) => text.trim() !== '')),
    rootPassword: read.optionalText('SIGNET_ROOT_PASSWORD', PASSWORD_RULE, isPassword),
    logLevel: read.word('SIGNET_LOG_LEVEL', LOG_LEVELS),
    environment: read.word('SIGNET_ENV', ENVIRONMENTS),
    maxRecipients: read.integer('SIGNET_MAX_RECIPIENTS', 1, 1_000_000),
    frequency: limit === 0 ? null : { limit, windowMs },
    uncertainWaitMs: read.integer('SIGNET_UNCERTAIN_WAIT_MS', 0, 30 * DAY_MS),
    unknownAfterMs: read.integer('SIGNET_UNKNOWN_AFTER_MS', 0, 30 * DAY_MS),
    minFreeDiskBytes: read.integer('SIGNET_MIN_FREE_DISK_MB', 0, 1_000_000_000) * MEGABYTE,
    maxBacklogRows: read.integer('SIGNET_MAX_BACKLOG_ROWS', 1, 100_000_000),
    given: read.given,
  };
}

const PASSWORD_RULE = `a text of ${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH} characters`;

function isPassword(text: string): boolean {
  const length = [...text].length;
  return length >= PASSWORD_MIN_LENGTH && length <= PASSWORD_MAX_LENGTH;
}

/** Each server setting as it holds now, secrets hidden: name, value, where it came from. */
export function describeConfig(config: ServerConfig): [string, string, 'default' | 'environment'][] {
  const values: Partial<Record<SettingName, string | number>> = {
    SIGNET_PORT: config.port,
    SIGNET_HOST: config.host,
    SIGNET_DATA: config.dataDir,
    SIGNET_ROOT_PASSWORD: config.rootPassword === null ? '(not set)' : '(hidden)',
    SIGNET_LOG_LEVEL: config.logLevel,
    SIGNET_ENV: config.environment,
    SIGNET_MAX_RECIPIENTS: config.maxRecipients,
    SIGNET_FREQUENCY_LIMIT: config.frequency?.limit ?? 0,
    SIGNET_FREQUENCY_WINDOW_S: config.frequency === null ? '(off)' : config.frequency.windowMs / 1000,
    SIGNET_UNCERTAIN_WAIT_MS: config.uncertainWaitMs,
    SIGNET_UNKNOWN_AFTER_MS: config.unknownAfterMs,
    SIGNET_MIN_FREE_DISK_MB: config.minFreeDiskBytes / MEGABYTE,
    SIGNET_MAX_BACKLOG_ROWS: config.maxBacklogRows,
  };
  return SETTINGS.filter((setting) => setting.part === 'server').map(({ name }) => [
    name,
    String(values[name]),
    config.given.has(name) ? 'environment' : 'default',
  ]);
}
