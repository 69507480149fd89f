// Builds the console into dist/, when what it is made of has changed. Run after `tsc -b`: it needs the built server
// (types of the API, rules of the domain) and `@signet/text`.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'console/dist');
const stamp = join(dist, 'made-from');

/** Everything that a build reads. */
const SOURCES = [
  'package-lock.json',
  'console/package.json',
  'console/index.html',
  'console/vite.config.ts',
  'console/build',
  'console/src',
  'text/src',
  'server/src/domain',
];

function filesOf(path) {
  try {
    return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    if (error.code === 'ENOTDIR') return [join(root, path)];
    throw error;
  }
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap(filesOf)) {
    if (file.endsWith('schema.d.ts')) continue;
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function madeFrom() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return null;
  }
}

await import('./api-types.js');
const wanted = fingerprint();
if (madeFrom() !== wanted) {
  const { build } = await import('vite');
  // Beside the old files first: a server that runs meanwhile never serves half a console.
  const fresh = `${dist}.${process.pid}`;
  try {
    await build({
      configFile: join(root, 'console/vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: fresh, emptyOutDir: true },
    });
    writeFileSync(join(fresh, 'made-from'), wanted);
    rmSync(dist, { recursive: true, force: true });
    mkdirSync(join(dist, '..'), { recursive: true });
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
