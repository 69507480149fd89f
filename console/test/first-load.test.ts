import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

/** What a first visit may fetch before it shows something, compressed: well below the 500 KB that are promised. */
const LIMIT_OCTETS = 460_000;

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
  dynamicImports?: string[];
}

const dist = new URL('../dist/', import.meta.url);
const read = (file: string): Buffer => readFileSync(new URL(file, dist));
const manifest = JSON.parse(read('manifest.json').toString()) as Record<string, Chunk>;

/** A chunk's files and those of everything it imports. */
function filesOf(name: string, seen = new Set<string>()): Set<string> {
  const { file, css = [], imports = [] } = manifest[name]!;
  if (seen.has(file)) return seen;
  for (const each of [file, ...css]) seen.add(each);
  for (const each of imports) filesOf(each, seen);
  return seen;
}

const weight = (files: Iterable<string>): number =>
  [...files].reduce((octets, file) => octets + gzipSync(read(file), { level: 9 }).length, 0);

const screens = Object.keys(manifest).filter((name) => name.startsWith('src/routes/'));
const languages = Object.keys(manifest).filter((name) => name.startsWith('src/words/'));

test('the manifest names screens and languages', () => {
  expect(screens.length).toBeGreaterThan(2);
  expect(languages).toHaveLength(3);
});

test.each(screens)('a first visit to %s stays small in every language', (screen) => {
  for (const language of languages) {
    const files = new Set([...filesOf('index.html'), ...filesOf(language), ...filesOf(screen)]);
    expect(weight(files), language).toBeLessThanOrEqual(LIMIT_OCTETS);
  }
});
