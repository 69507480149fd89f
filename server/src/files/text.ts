import { createReadStream } from 'node:fs';
import { CsvParser, detectSeparator, type Separator } from './csv.ts';
import { type FileOfRows, unreadable } from './rows.ts';

const READ_BYTES = 65_536;

/** What the sender says of a text file; the rest is found in it. */
export interface TextWishes {
  /** A label of the Encoding Standard, such as gb18030. */
  encoding?: string;
  separator?: Separator;
}

/** Opens a CSV file. `head` are its first octets. @throws Refused (fileRefused) */
export async function openText(path: string, head: Uint8Array, wishes: TextWishes): Promise<FileOfRows> {
  const encoding = wishes.encoding ?? encodingOfMark(head) ?? (await encodingOf(path));
  return {
    format: 'csv',
    encoding,
    async *rows() {
      let parser: CsvParser | null = null;
      for await (const text of decoded(path, encoding)) {
        parser ??= new CsvParser(wishes.separator ?? detectSeparator(text));
        yield parser.push(text);
      }
      if (parser !== null) yield parser.end();
    },
  };
}

/** The encoding a byte order mark tells, or null. */
function encodingOfMark(head: Uint8Array): string | null {
  const [a, b, c] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return null;
}

/** What a text without a mark is, judged by the whole of it: UTF-8, else GB18030, which Chinese spreadsheets save. */
async function encodingOf(path: string): Promise<string> {
  for (const encoding of ['utf-8', 'gb18030']) if (await fits(path, encoding)) return encoding;
  throw unreadable(
    'its text is neither UTF-8 nor GB18030: save it as "CSV UTF-8", or say what it is (encoding=windows-1252, say)',
  );
}

async function fits(path: string, encoding: string): Promise<boolean> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const piece of createReadStream(path, { highWaterMark: READ_BYTES })) {
      decoder.decode(piece as Buffer, { stream: true });
    }
    decoder.decode();
    return true;
  } catch (error) {
    if (isBroken(error)) return false;
    throw error;
  }
}

async function* decoded(path: string, encoding: string): AsyncGenerator<string> {
  // A byte order mark at the beginning is taken off by the decoder.
  const decoder = new TextDecoder(encoding, { fatal: true });
  const look = (text: string): string => {
    if (text.includes('\0')) {
      throw unreadable('it holds NUL characters: it is no text, or UTF-16 without a mark (say encoding=utf-16le)');
    }
    return text;
  };
  try {
    for await (const piece of createReadStream(path, { highWaterMark: READ_BYTES })) {
      const text = look(decoder.decode(piece as Buffer, { stream: true }));
      if (text !== '') yield text;
    }
    const rest = look(decoder.decode());
    if (rest !== '') yield rest;
  } catch (error) {
    throw isBroken(error) ? unreadable(`it is not ${encoding} text`) : error;
  }
}

const isBroken = (error: unknown): boolean =>
  (error as { code?: string } | null)?.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
