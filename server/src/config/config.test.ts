import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadClientConfig } from './client-config.ts';
import { ConfigError, describeConfig, loadServerConfig } from './config.ts';
import { nearestName, SETTINGS } from './env.ts';

const sentenceOf = (env: NodeJS.ProcessEnv, load: (env: NodeJS.ProcessEnv) => unknown = loadServerConfig): string => {
  try {
    load(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('the environment was accepted');
};

describe('the server’s configuration', () => {
  it('needs nothing', () => {
    expect(loadServerConfig({ PATH: '/bin' })).toEqual({
      port: 5000,
      host: '127.0.0.1',
      dataDir: resolve('signet-data'),
      rootPassword: null,
      logLevel: 'info',
      environment: 'development',
      maxRecipients: 10_000,
      frequency: { limit: 20, windowMs: 600_000 },
      uncertainWaitMs: 60_000,
      unknownAfterMs: 86_400_000,
      minFreeDiskBytes: 200_000_000,
      maxBacklogRows: 200_000,
      given: new Set(),
    });
  });

  it('takes what the environment says', () => {
    const config = loadServerConfig({
      SIGNET_PORT: '0',
      SIGNET_HOST: '::1',
      SIGNET_DATA: 'elsewhere',
      SIGNET_ROOT_PASSWORD: 'correct horse',
      SIGNET_LOG_LEVEL: 'silent',
      SIGNET_ENV: 'production',
      SIGNET_FREQUENCY_LIMIT: '0',
      SIGNET_MIN_FREE_DISK_MB: '5',
    });
    expect(config).toMatchObject({
      port: 0,
      host: '::1',
      dataDir: resolve('elsewhere'),
      rootPassword: 'correct horse',
      logLevel: 'silent',
      environment: 'production',
      frequency: null,
      minFreeDiskBytes: 5_000_000,
    });
    expect(config.given.has('SIGNET_PORT')).toBe(true);
    expect(config.given.has('SIGNET_MAX_RECIPIENTS')).toBe(false);
  });

  it.each([
    ['SIGNET_PORT', '70000', 'a whole number from 0 to 65535'],
    ['SIGNET_PORT', '5e3', 'a whole number'],
    ['SIGNET_PORT', ' 5000', 'a whole number'],
    ['SIGNET_PORT', '-1', 'a whole number'],
    ['SIGNET_PORT', '', 'or leave it out for 5000'],
    ['SIGNET_HOST', 'http://x', 'an IP address or a host name'],
    ['SIGNET_DATA', '  ', 'a path'],
    ['SIGNET_LOG_LEVEL', 'loud', 'one of trace, debug, info, warn, error, silent'],
    ['SIGNET_ENV', 'Production', 'one of development, production'],
    ['SIGNET_FREQUENCY_WINDOW_S', '3601', 'from 1 to 3600'],
    ['SIGNET_MAX_RECIPIENTS', '0', 'from 1'],
  ])('%s=%j is refused with what is allowed', (name, value, allowed) => {
    const sentence = sentenceOf({ [name]: value });
    expect(sentence).toContain(name);
    expect(sentence).toContain(allowed);
    expect(sentence).not.toContain('\n');
  });

  it('does not repeat a secret it refuses', () => {
    expect(sentenceOf({ SIGNET_ROOT_PASSWORD: 'short' })).toBe(
      'SIGNET_ROOT_PASSWORD has a value that cannot be used: it must be a text of 8 to 200 characters.',
    );
  });

  it('refuses a name nobody knows and suggests the nearest', () => {
    expect(sentenceOf({ SIGNET_PROT: '1' })).toBe('SIGNET_PROT is not a setting: did you mean SIGNET_PORT?');
    expect(nearestName('SIGNET_LOGLEVEL')).toBe('SIGNET_LOG_LEVEL');
  });

  it('ignores the names of other parts', () => {
    const env = { SIGNET_PASSWORD: 'x', SIGNET_URL: 'nonsense', SIGNET_TEST_MYSQL: 'mysql://' };
    expect(loadServerConfig(env)).toEqual(loadServerConfig({}));
  });

  it('describes every setting of the server, secrets hidden', () => {
    const rows = describeConfig(loadServerConfig({ SIGNET_ROOT_PASSWORD: 'correct horse', SIGNET_PORT: '8080' }));
    expect(rows.map(([name]) => name)).toEqual(SETTINGS.filter((s) => s.part === 'server').map((s) => s.name));
    expect(rows).toContainEqual(['SIGNET_PORT', '8080', 'environment']);
    expect(rows).toContainEqual(['SIGNET_LOG_LEVEL', 'info', 'default']);
    expect(rows).toContainEqual(['SIGNET_ROOT_PASSWORD', '(hidden)', 'environment']);
    expect(JSON.stringify(rows)).not.toContain('horse');
  });
});

describe('the commands’ configuration', () => {
  it('finds a server on this machine by itself', () => {
    expect(loadClientConfig({})).toEqual({ url: 'http://127.0.0.1:5000', user: 'root', password: null });
  });

  it('takes what the environment says, and ignores the server’s names', () => {
    const env = { SIGNET_URL: 'https://sms.example/', SIGNET_USER: 'sk_1', SIGNET_PASSWORD: 'p', SIGNET_PORT: 'x' };
    expect(loadClientConfig(env)).toEqual({ url: 'https://sms.example', user: 'sk_1', password: 'p' });
  });

  it.each([
    ['SIGNET_URL', 'localhost:5000'],
    ['SIGNET_URL', 'http://user:secret@localhost'],
    ['SIGNET_USER', 'a:b'],
    ['SIGNET_PASSWORD', ''],
    ['SIGNET_USR', 'a'],
  ])('refuses %s=%j', (name, value) => {
    expect(sentenceOf({ [name]: value }, loadClientConfig)).toContain(name);
  });
});

describe('docs/configuration.md', () => {
  it('has a row for every setting, with its default', () => {
    const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(SIGNET_\w+)` \| (?:`(.*?)`)? *\|/gm)].map(([, name, fallback = '']) => ({
      name,
      fallback,
    }));
    expect(rows).toEqual(SETTINGS.map(({ name, fallback }) => ({ name, fallback })));
  });
});
