import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CommandFailed } from '../failure.ts';
import { type Fingerprint, FingerprintTaker } from './fingerprint.ts';

/** One row of the file as it stands there. */
export interface FileRecord {
  cells: string[];
  /** The line it ends on, from 1. */
  line: number;
}

/** How the file's octets become rows. */
export interface CsvDialect {
  /** A label of the Encoding Standard, such as utf-8 or gb18030. */
  encoding: string;
  delimiter: string;
}

/** A row longer than this is a quotation mark that nobody closed. */
const MAX_RECORD_CHARACTERS = 65_536;
const READ_BYTES = 262_144;
const DELIMITERS = [',', ';', '\t', '|'];

/** The file's rows, one after the other, whatever its length; `taker` sees everything that was read. */
export async function* readRecords(
  path: string,
  dialect: CsvDialect,
  taker?: FingerprintTaker,
): AsyncGenerator<FileRecord> {
  const parser = parse({
    delimiter: dialect.delimiter,
    max_record_size: MAX_RECORD_CHARACTERS,
    relax_column_count: true,
    relax_quotes: true,
    trim: true,
  });
  const source = Readable.from(decoded(path, dialect.encoding, taker));
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    // Lines are counted here, and empty ones skipped: the parser's own account of them doubles its time.
    let line = 0;
    for await (const cells of parser as AsyncIterable<string[]>) {
      line++;
      for (const cell of cells) if (cell.includes('\n')) line += cell.split('\n').length - 1;
      if (cells.some((cell) => cell !== '')) yield { cells, line };
    }
  } catch (error) {
    throw readable(path, dialect, error);
  } finally {
    source.destroy();
  }
}

/** The delimiter of the file's first line: the candidate it holds most of, outside quotation marks. */
export async function detectDelimiter(path: string, encoding: string): Promise<string> {
  try {
    for await (const text of decoded(path, encoding)) {
      const line = (/^[^\r\n]*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
      const count = (delimiter: string) => line.split(delimiter).length - 1;
      return DELIMITERS.reduce((best, candidate) => (count(candidate) > count(best) ? candidate : best));
    }
  } catch (error) {
    throw readable(path, { encoding, delimiter: ',' }, error);
  }
  return ',';
}

/** Reads the whole file once, before anything is sent: it must be readable to its end. */
export async function inspect(path: string, dialect: CsvDialect): Promise<Fingerprint & { records: number }> {
  const taker = new FingerprintTaker();
  let records = 0;
  for await (const _ of readRecords(path, dialect, taker)) records++;
  return { records, ...taker.take() };
}

async function* decoded(path: string, encoding: string, taker?: FingerprintTaker): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
    taker?.update(chunk);
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

function readable(path: string, dialect: CsvDialect, error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') {
    return new CommandFailed(`${path} cannot be read (${code})`, 'Check --file.', { code: 'file' });
  }
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return new CommandFailed(
      `${path} is not ${dialect.encoding} text`,
      'Save it as "CSV UTF-8", or say what it is with --encoding, such as --encoding gb18030.',
      { code: 'file' },
    );
  }
  if (error instanceof CsvError) {
    return new CommandFailed(`${path} cannot be read as CSV: ${message}`, 'Correct that line.', { code: 'file' });
  }
  return error;
}
