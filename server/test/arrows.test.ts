import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/**
 * Who may import whom (ARCHITECTURE.md, "Arrows"). The first row that names a file counts. `*` is a name, `**` any
 * path, `type:` allows `import type` only, and DOORS stands for the interfaces of the four rooms that have
 * implementations. A file may always import the files its own row names.
 */
const PICTURE = `
files                  | may import                                                        | packages
---------------------- | ----------------------------------------------------------------- | -------------------------------
domain/recipient*.ts   | domain/**                                                         | libphonenumber-js/**
domain/smpp*.ts        | domain/**                                                         | @signet/smpp @signet/text
domain/**              |                                                                   | @signet/text
lib/**                 |                                                                   | **

store/contract/**      | store/store.ts domain/** lib/**                                   | vitest fast-check
queue/contract.ts      | queue/queue.ts domain/**                                          | vitest
leases/contract.ts     | leases/leases.ts domain/**                                        | vitest
limits/contract.ts     | limits/limits.ts domain/**                                        | vitest fast-check
redis/**               | lib/**                                                            | ioredis
bell/mysql.ts          | bell/bell.ts store/mysql/*                                        |
bell/contract.ts       | bell/bell.ts                                                      | vitest
bell/**                | lib/**                                                            |

store/store.ts         | store/tables/** domain/**                                         |
store/tables/**        | domain/**                                                         |
queue/queue.ts         | domain/** type:store/store.ts                                     |
limits/limits.ts       | domain/**                                                         |
leases/leases.ts       |                                                                   |
leases/mysql.ts        | leases/leases.ts store/mysql/connection.ts store/mysql/sql.ts lib/** domain/** | mysql2
channels/channel.ts    | type:channels/bind-meter.ts domain/**                             |
channels/bind-meter.ts | domain/** lib/**                                                  |
channels/flight-log.ts | domain/** lib/**                                                  | node:**
channels/exchange-log.ts | domain/**                                                       |
channels/log/**        | type:channels/exchange-log.ts domain/** lib/**                    | node:** @signet/smpp

store/money-of-plan.ts | type:store/store.ts                                              |
store/figure-table.ts  | type:store/store.ts domain/**                                   |
store/report-search.ts |                                                           |
store/event-body.ts    | type:domain/**                                            |
store/sqlite/**        | store/store.ts store/money-of-plan.ts store/figure-table.ts store/report-search.ts store/event-body.ts domain/** lib/**                                   | node:** @photostructure/sqlite
store/mysql/**         | store/store.ts store/money-of-plan.ts store/figure-table.ts store/report-search.ts store/event-body.ts domain/** lib/**                                   | node:** mysql2
store/moving/**        | store/sqlite/* store/mysql/* store/store.ts domain/** lib/**        |
queue/memory.ts        | queue/queue.ts domain/** lib/**                                   |
queue/rabbitmq/**      | queue/queue.ts domain/** lib/**                                   | amqplib
limits/**              | limits/** domain/** lib/**                                        |
channels/smpp/**       | channels/channel.ts channels/bind-meter.ts type:channels/flight-log.ts type:channels/exchange-log.ts domain/** lib/** | node:** @signet/smpp @signet/text
channels/http/**       | channels/channel.ts channels/bind-meter.ts type:channels/flight-log.ts type:channels/exchange-log.ts domain/** lib/**  | node:**

files/**               | domain/** lib/**                                                  | node:** saxes yauzl

services/**            | DOORS store/store.ts files/** domain/** lib/**                                   | node:** @node-rs/argon2

workers/**             | services/** DOORS type:leases/leases.ts type:channels/flight-log.ts type:channels/bind-meter.ts domain/** lib/** | node:**
http/server.ts         | http/**                                                           | fastify
http/ops.ts            | http/console.ts http/deps.ts http/paths.ts http/native/errors.ts  | fastify
http/native/**         | http/* services/** files/** type:store/store.ts domain/** lib/**  | node:** fastify typebox typebox/**
http/tsms/**           | http/* services/** type:store/store.ts domain/** lib/**           | node:** fastify
http/engagelab/**      | http/* services/** type:store/store.ts domain/** lib/**           | node:** fastify
http/direct/**         | http/* lib/**                                                     | node:**
http/*                 | type:services/** type:files/** domain/** lib/**                   | node:** fastify
cli/commands/*         | cli/** main.ts app/storage-threads.ts config/** domain/** lib/**  | node:** @signet/smpp/simulator
cli/smsc/**            | cli/failure.ts                                                    | @signet/smpp/simulator
cli/**                 | version.ts config/** domain/** lib/**                             | node:** commander cli-progress cli-table3 undici

config/**              | domain/** lib/**                                                  | node:**
start-page.ts          |                                                                   |
version.ts             |                                                                   | node:**
storage-thread.ts      | app/open-store.ts app/limits.ts services/** store/store.ts domain/** lib/** | node:**
app.ts                 | **                                                                | node:**
app/**                 | **                                                                | node:** @signet/smpp/simulator
main.ts                | app.ts app/ground.ts app/open-store.ts type:app/storage-threads.ts services/** store/sqlite/* store/moving/move.ts limits/limits.ts config/** domain/** lib/** start-page.ts version.ts | node:**
`;

const DOORS = ['type:store/store.ts', 'queue/queue.ts', 'limits/limits.ts', 'channels/channel.ts'];

/** One row of the picture. */
interface Row {
  files: string;
  imports: string[];
  packages: string[];
}

/** One import as it stands in a file. */
interface Import {
  /** The file below the source folder, or the package. */
  target: string;
  relative: boolean;
  typeOnly: boolean;
}

const picture: Row[] = PICTURE.trim()
  .split('\n')
  .slice(2)
  .filter((line) => line.trim() !== '')
  .map((line) => {
    const [files, imports, packages] = line.split('|').map((cell) => cell.trim().split(/\s+/).filter(Boolean));
    return {
      files: files![0]!,
      imports: imports!.flatMap((each) => (each === 'DOORS' ? DOORS : each)),
      packages: packages!,
    };
  });

const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|[\s;{}(])\/\/.*/g;
const STATEMENT = /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*(?:'([^']+)')?/g;
const WORKER = /new URL\(\s*'(\.[^']+)\.js',\s*import\.meta\.url/g;

/** Every import of a file: static, for effect, re-exported, dynamic, in a type, or started as a worker. */
function importsOf(file: string, source: string): Import[] {
  const code = source.replace(COMMENT, '');
  const found: Import[] = [];
  const add = (name: string, typeOnly: boolean) => {
    const local = name.startsWith('.');
    found.push({ target: local ? join(dirname(file), name) : name, relative: local, typeOnly });
  };
  for (const [, type, from, effect] of code.matchAll(STATEMENT)) add((from ?? effect)!, type !== undefined);
  for (const [, name] of code.matchAll(DYNAMIC)) add(name ?? 'a name made up while it runs', false);
  for (const [, name] of code.matchAll(WORKER)) add(`${name}.ts`, false);
  return found;
}

/** Whether a pattern of the picture names a path. */
function names(pattern: string, path: string): boolean {
  const expression = pattern.replace(/[.+]/g, '\\$&').replace(/\*+/g, (stars) => (stars === '*' ? '[^/]*' : '.*'));
  return new RegExp(`^${expression}$`).test(path);
}

/** What is wrong with one import of a file, or null. */
function fault(row: Row, { target, relative: local, typeOnly }: Import): string | null {
  if (!local) {
    if (row.packages.some((pattern) => names(pattern, target))) return null;
    return `the packages of ${row.files} are ${row.packages.join(', ') || 'none'}`;
  }
  if (target.startsWith('..')) return 'it leaves the source folder';
  if (names(row.files, target)) return null;
  const fitting = row.imports.filter((pattern) => names(pattern.replace(/^type:/, ''), target));
  if (fitting.some((pattern) => typeOnly || !pattern.startsWith('type:'))) return null;
  if (fitting.length > 0) return `${row.files} may only import types of it`;
  return `${row.files} may import ${row.imports.join(', ') || 'nothing'}`;
}

/** Every arrow that the picture does not have, as `file → import: not allowed because …`. */
function violations(rows: readonly Row[], files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [file, source] of files) {
    const row = rows.find(({ files: pattern }) => names(pattern, file));
    if (row === undefined) {
      found.push(`${file} stands in no row of the picture`);
      continue;
    }
    for (const each of importsOf(file, source)) {
      const why = fault(row, each);
      if (why !== null) found.push(`${file} → ${each.target}: not allowed because ${why}`);
    }
  }
  return found;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The sources of a folder by their path in it, tests left out. */
function sourcesIn(folder: string): Map<string, string> {
  const top = join(root, folder);
  const paths = readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(top, join(entry.parentPath, entry.name)));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(top, path), 'utf8')]));
}

describe('the server', () => {
  const sources = sourcesIn('server/src');

  test('imports as the picture says', () => {
    expect(violations(picture, sources)).toEqual([]);
  });

  test('has files for every row of the picture', () => {
    const files = [...sources.keys()];
    const rowOf = (file: string) => picture.find((row) => names(row.files, file));
    expect(picture.filter((row) => !files.some((file) => rowOf(file) === row)).map((row) => row.files)).toEqual([]);
  });
});

describe.each([
  ['text', ''],
  ['smpp', 'node:**'],
])('the workspace %s', (folder, packages) => {
  test('depends on nothing', () => {
    const whole = [{ files: '**', imports: [], packages: packages.split(' ').filter(Boolean) }];
    expect(violations(whole, sourcesIn(`${folder}/src`))).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(Object.keys(manifest).filter((key) => /dependencies/i.test(key))).toEqual([]);
  });
});

describe('the reader of imports', () => {
  const forbidden = (file: string, source: string) => violations(picture, new Map([[file, source]]));

  test.each([
    ['a value', "import { Refused } from '../store/store.ts';"],
    ['types', "import type { Tx } from '../store/store.ts';"],
    ['several lines', "import {\n  type Tx,\n  Reader,\n} from '../store/store.ts';"],
    ['an effect', "import '../store/store.ts';"],
    ['a re-export', "export { type Tx } from '../store/store.ts';"],
    ['everything', "export * from '../store/store.ts';"],
    ['a dynamic import', "const store = await import('../store/store.ts');"],
    ['an import in a type', "let tx: import('../store/store.ts').Tx;"],
    ['a worker', "new Worker(new URL('../store/store.js', import.meta.url));"],
  ])('sees %s', (_what, source) => {
    expect(forbidden('domain/plan.ts', source)).toEqual([
      'domain/plan.ts → store/store.ts: not allowed because domain/** may import nothing',
    ]);
  });

  test('sees packages, unknown names and ways out of the folder', () => {
    expect(forbidden('services/plan.ts', "import fastify from 'fastify';\nawait import(name);")).toEqual([
      'services/plan.ts → fastify: not allowed because the packages of services/** are node:**, @node-rs/argon2',
      'services/plan.ts → a name made up while it runs: not allowed because the packages of services/** are node:**, @node-rs/argon2',
    ]);
    expect(forbidden('services/plan.ts', "import '../../../text/src/index.ts';")).toEqual([
      'services/plan.ts → ../../text/src/index.ts: not allowed because it leaves the source folder',
    ]);
  });

  test('tells types from values, and dialects from each other', () => {
    expect(forbidden('workers/relay.ts', "import type { Range } from '../store/store.ts';")).toEqual([]);
    expect(forbidden('workers/relay.ts', "import { Range } from '../store/store.ts';")).toEqual([
      'workers/relay.ts → store/store.ts: not allowed because workers/** may only import types of it',
    ]);
    expect(forbidden('http/tsms/errors.ts', "import { title } from '../native/errors.ts';")).toHaveLength(1);
    expect(forbidden('attic/box.ts', '')).toEqual(['attic/box.ts stands in no row of the picture']);
  });

  test('passes over comments and texts', () => {
    expect(forbidden('domain/plan.ts', "// import '../app.ts';\n/* import '../app.ts'; */\nconst a = 'from';")).toEqual(
      [],
    );
  });
});
