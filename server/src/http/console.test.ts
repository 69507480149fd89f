import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newFolder } from '../../test/folder.ts';
import { ConsoleFiles, sendPage, serveAssets } from './console.ts';

let directory: string;
let app: FastifyInstance;
let files: ConsoleFiles;
let builds = 0;

/** What a build leaves: a page that names a script, and the script; what was there before is gone. */
function build(script: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, 'assets'), { recursive: true });
  writeFileSync(join(directory, 'assets', script), `/* ${script} */`);
  writeFileSync(join(directory, 'paths.json'), '["overview"]');
  const page = join(directory, 'index.html');
  writeFileSync(page, `<script src="/assets/${script}">`);
  // Two builds within one tick of the clock of files are two builds.
  utimesSync(page, ++builds, builds);
}

beforeEach(async () => {
  directory = join(newFolder(), 'dist');
  build('old.js');
  files = (await ConsoleFiles.in(directory))!;
  app = Fastify();
  app.get('/', async (_request, reply) => sendPage(reply, await files.current()));
  serveAssets(app, files, (_request, reply) => reply.code(404).send('nothing'));
});
afterEach(() => app.close());

const get = (url: string) => app.inject({ method: 'GET', url });

test('what was built anew while the server runs is served, and old names are no more', async () => {
  expect((await get('/assets/old.js')).body).toBe('/* old.js */');
  build('new.js');
  expect((await get('/assets/old.js')).statusCode).toBe(404);
  expect((await get('/assets/new.js')).body).toBe('/* new.js */');
  expect((await get('/')).body).toContain('/assets/new.js');
});

test('a file that was taken away is not there', async () => {
  rmSync(join(directory, 'assets', 'old.js'));
  expect((await get('/assets/old.js')).statusCode).toBe(404);
});

test('while no build is in place, the page of the last one is served', async () => {
  rmSync(directory, { recursive: true });
  expect((await get('/')).body).toContain('/assets/old.js');
  expect((await get('/assets/old.js')).statusCode).toBe(404);
});

test('where nothing was built, there is no console', async () => {
  rmSync(directory, { recursive: true });
  expect(await ConsoleFiles.in(directory)).toBeNull();
});
