import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newFolder } from '../../test/folder.ts';
import { mysqlAddress, shownMysqlAddress } from './mysql-address.ts';

test('an address says where a database is', () => {
  expect(mysqlAddress('mysql://me:p%40ss%2Fword@db.example.net:3307/signet')).toEqual({
    host: 'db.example.net',
    port: 3307,
    user: 'me',
    password: 'p@ss/word',
    database: 'signet',
    tls: null,
  });
  expect(mysqlAddress('mysql://root@[::1]/a-b_c')).toMatchObject({ host: '::1', port: 3306, password: '', tls: null });
});

test('with TLS the certificates come from files', () => {
  const dir = newFolder();
  try {
    const file = join(dir, 'ca.pem');
    writeFileSync(file, 'a certificate');
    const at = 'mysql://me@h/d?tls=';
    expect(mysqlAddress(`${at}on`).tls).toEqual({ ca: null, cert: null, key: null, verify: true });
    expect(mysqlAddress(`${at}on&ca=${encodeURIComponent(file)}`).tls).toMatchObject({
      ca: 'a certificate',
      verify: true,
    });
    expect(mysqlAddress(`${at}unverified`).tls).toMatchObject({ verify: false });
    expect(() => mysqlAddress(`${at}on&ca=${dir}/none.pem`)).toThrow(/ca names a file that cannot be read/);
    expect(() => mysqlAddress(`mysql://me@h/d?ca=${file}`)).toThrow(/without tls/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test.each([
  ['nothing at all', /is written mysql:/],
  ['postgres://me@h/d', /begins with mysql:/],
  ['mysql://me@h', /names a database/],
  ['mysql://me@h/a/b', /names a database/],
  ['mysql://me@h/a%20b', /names a database/],
  ['mysql://me:%zz@h/d', /is written mysql:/],
  ['mysql://me@h/d?tls=maybe', /none of off, on, unverified/],
  ['mysql://me@h/d?charset=latin1', /no setting charset/],
])('an address that cannot be used says why: %s', (text, why) => {
  expect(() => mysqlAddress(text)).toThrow(why);
});

test('it is shown without its password and its files', () => {
  expect(shownMysqlAddress('mysql://me:secret@h/d?tls=on')).toBe('mysql://me@h:3306/d');
  expect(shownMysqlAddress('mysql://[::1]:3307/d')).toBe('mysql://[::1]:3307/d');
});
