import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newFolder } from '../../test/folder.ts';
import { parseRabbitmqAddress, parseRedisAddress, shownAddress } from './server-address.ts';

const folder = newFolder();
const file = join(folder, 'ca.pem');
writeFileSync(file, 'a certificate');

test('reads where a RabbitMQ server is', () => {
  expect(parseRabbitmqAddress('amqp://mq')).toEqual({
    host: 'mq',
    port: 5672,
    vhost: '/',
    user: 'guest',
    password: 'guest',
    tls: null,
  });
  expect(parseRabbitmqAddress(`amqps://me:p%40ss%2F@[::1]:5673/a%2Fb?ca=${file}`)).toEqual({
    host: '::1',
    port: 5673,
    vhost: 'a/b',
    user: 'me',
    password: 'p@ss/',
    tls: { ca: 'a certificate', cert: null, key: null },
  });
  expect(parseRabbitmqAddress('amqps://mq/')).toMatchObject({ port: 5671, vhost: '/' });
});

test('reads where a Redis server is', () => {
  expect(parseRedisAddress('redis://r')).toEqual({
    host: 'r',
    port: 6379,
    user: '',
    password: '',
    database: 0,
    tls: null,
  });
  expect(parseRedisAddress(`rediss://:secret@10.0.0.1:6380/3?cert=${file}&key=${file}`)).toEqual({
    host: '10.0.0.1',
    port: 6380,
    user: '',
    password: 'secret',
    database: 3,
    tls: { ca: null, cert: 'a certificate', key: 'a certificate' },
  });
});

test.each([
  'mq',
  'http://mq',
  'amqp:///vhost',
  'amqp://mq/%E0%A4%A',
  `amqp://mq?ca=${file}`,
  'amqps://mq?ca=/no/such/file',
  'amqps://mq?heartbeat=5',
  'amqp://mq#x',
  'amqp://mq:99999',
])('refuses %s', (text) => expect(parseRabbitmqAddress(text)).toBe(null));

test.each(['redis://', 'redis://r/x', 'redis://r/-1', 'rediss://r?family=6'])('refuses %s', (text) =>
  expect(parseRedisAddress(text)).toBe(null),
);

test('shows an address without its secrets', () => {
  expect(shownAddress('amqps://me:secret@mq:5671/v?key=/etc/key')).toBe('amqps://me@mq:5671/v');
  expect(shownAddress('redis://:secret@r/1')).toBe('redis://r/1');
});
