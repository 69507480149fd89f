import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { unreadable } from '../rows.ts';

const MAX_ENTRIES = 5_000;
/** Octets all parts of an archive may have when unpacked: a million rows of ten columns have about a third of it. */
const MAX_UNPACKED_BYTES = 2_000_000_000;
/** How many times its packed size a part may have: sheets have 5 to 30, bombs 1,000. */
const MAX_RATIO = 200;
/** Parts smaller than this may be packed as densely as they like. */
const RATIO_FROM_BYTES = 10_000_000;

/** The parts of an XLSX file by name. Nothing is unpacked before it is asked for. */
export class Archive {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** Reads the directory. @throws Refused (fileRefused) when it is damaged, or unpacks to more than it should */
  static async open(path: string): Promise<Archive> {
    // Sizes are checked here against the directory, and by yauzl against what really comes out.
    const zip = await new Promise<ZipFile>((resolve, reject) => {
      yauzl.open(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, opened) =>
        error === null ? resolve(opened) : reject(damaged(error)),
      );
    });
    try {
      return new Archive(zip, await entriesOf(zip));
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** The octets of a part. @throws Refused (fileRefused) */
  async *read(name: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw unreadable(`the workbook lacks its part ${name}`);
    if (entry.isEncrypted()) throw unreadable('the workbook has a password: save it without one');
    const stream = await new Promise<Readable>((resolve, reject) => {
      this.#zip.openReadStream(entry, (error, opened) => (error === null ? resolve(opened) : reject(damaged(error))));
    });
    try {
      for await (const piece of stream) yield piece as Buffer;
    } catch (error) {
      throw damaged(error as Error);
    } finally {
      stream.destroy();
    }
  }

  close(): void {
    this.#zip.close();
  }
}

function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  let unpacked = 0;
  return new Promise((resolve, reject) => {
    zip.on('error', (error: Error) => reject(damaged(error)));
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      unpacked += entry.uncompressedSize;
      const dense =
        entry.uncompressedSize > RATIO_FROM_BYTES && entry.uncompressedSize > entry.compressedSize * MAX_RATIO;
      if (dense || unpacked > MAX_UNPACKED_BYTES || entries.size >= MAX_ENTRIES) {
        reject(unreadable('the workbook unpacks to far more than a list of numbers holds: save the list as CSV'));
        return;
      }
      // Some programs write names with a leading slash.
      entries.set(entry.fileName.replace(/^\//, ''), entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

const damaged = (error: Error) => unreadable(`the workbook is damaged (${error.message})`);
