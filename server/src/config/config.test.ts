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
      store: null,
      queue: null,
      redis: null,
      redisLost: 'store',
      roles: ['api', 'worker', 'channel'],
      rootPassword: null,
      logLevel: 'info',
      environment: 'development',
      maxRecipients: 10_000,
      maxFileRows: 1_000_000,
      maxFileBytes: 200_000_000,
      frequency: {
        all: [{ limit: 20, windowMs: 600_000 }],
        of: { verification: [], notification: [], marketing: [] },
      },
      trustedProxies: [],
      publicUrl: null,
      repeatAfterMs: { verification: 0, notification: 60_000, marketing: null },
      lostRepeats: 1,
      unreportedAfterMs: 259_200_000,
      messagesKeptMs: 0,
      eventsKeptMs: 0,
      reportsKeptMs: 2_592_000_000,
      tasksKeptMs: 604_800_000,
      sessionIdleMs: 7_200_000,
      sessionMaxMs: 86_400_000,
      unknownAfterMs: 86_400_000,
      failoverAfterMs: 30_000,
      stopDelayMs: 0,
      optOutLastMs: 2_592_000_000,
      maxLateMs: 3_600_000,
      validityMs: { verification: 600_000, notification: 259_200_000, marketing: 259_200_000 },
      quietHours: null,
      minFreeDiskBytes: 200_000_000,
      maxBacklogRows: 200_000,
      channelLog: { maxOctets: 1_000_000_000, maxAgeMs: 604_800_000 },
      banTestAsWord: false,
      webhookHttp: false,
      webhookNetworks: [],
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
      SIGNET_FREQUENCY: 'off',
      SIGNET_FREQUENCY_VERIFICATION: '1/1m 5/1h 10/1d',
      SIGNET_TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8, ::1',
      SIGNET_PUBLIC_URL: 'https://sms.example/signet/',
      SIGNET_MIN_FREE_DISK_MB: '5',
      SIGNET_WEBHOOK_ALLOW_HTTP: 'yes',
      SIGNET_WEBHOOK_ALLOW_NETWORKS: '10.0.0.0/8, fd00::/8',
    });
    expect(config).toMatchObject({
      port: 0,
      host: '::1',
      dataDir: resolve('elsewhere'),
      rootPassword: 'correct horse',
      logLevel: 'silent',
      environment: 'production',
      frequency: {
        all: [],
        of: {
          verification: [
            { limit: 1, windowMs: 60_000 },
            { limit: 5, windowMs: 3_600_000 },
            { limit: 10, windowMs: 86_400_000 },
          ],
          notification: [],
          marketing: [],
        },
      },
      publicUrl: 'https://sms.example/signet',
      trustedProxies: ['127.0.0.1', '10.0.0.0/8', '::1'],
      minFreeDiskBytes: 5_000_000,
      webhookHttp: true,
      webhookNetworks: ['10.0.0.0/8', 'fd00::/8'],
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
    ['SIGNET_FREQUENCY', '20', 'it must be "off", or up to 4 windows of different lengths such as "1/1m 5/1h 10/1d"'],
    ['SIGNET_FREQUENCY', '', 'or leave it out for 20/600s'],
    ['SIGNET_FREQUENCY_VERIFICATION', '1/90m', 'in whole hours when it is over 1h'],
    ['SIGNET_FREQUENCY_MARKETING', '0/1d', 'a number of messages from 1 to 10000'],
    ['SIGNET_MAX_RECIPIENTS', '0', 'from 1'],
    ['SIGNET_VALIDITY_MARKETING_S', '0', 'from 1 to 2592000'],
    ['SIGNET_QUIET_HOURS', '21-8', 'two times of the day such as 21:00-08:00'],
    ['SIGNET_QUIET_HOURS', '08:00-08:00', 'two times of the day'],
    ['SIGNET_WEBHOOK_ALLOW_HTTP', 'true', 'one of yes, no'],
    ['SIGNET_WEBHOOK_ALLOW_NETWORKS', '10.0.0', 'networks such as 127.0.0.1 or 10.0.0.0/8'],
    ['SIGNET_WEBHOOK_ALLOW_NETWORKS', '10.0.0.0/33', 'networks such as'],
    ['SIGNET_WEBHOOK_ALLOW_NETWORKS', 'fd00::/8,localhost/8', 'networks such as'],
    ['SIGNET_PUBLIC_URL', 'sms.example', 'an address like https://'],
    ['SIGNET_PUBLIC_URL', 'https://sms.example/?a=1', 'an address like https://'],
    ['SIGNET_TRUSTED_PROXIES', 'proxy.example', 'IP addresses or networks such as 127.0.0.1'],
    ['SIGNET_TRUSTED_PROXIES', '10.0.0.0/33', 'separated by commas'],
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
    expect(rows).toContainEqual(['SIGNET_FREQUENCY', '20/10m', 'default']);
    expect(rows).toContainEqual(['SIGNET_FREQUENCY_VERIFICATION', 'off', 'default']);
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
