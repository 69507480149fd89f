import { SaxesParser, type SaxesTag } from 'saxes';
import { unreadable } from '../rows.ts';

/** What is heard while a part is read; names without their namespace prefix. */
export interface XmlListener {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/**
 * Reads XML piece by piece. Entities a document declares itself are not expanded (the parser knows none), so a small
 * text cannot become a large one.
 */
export class XmlReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #parser = new SaxesParser({ position: false });

  constructor(listener: XmlListener) {
    const { open, text, close } = listener;
    if (open !== undefined) {
      this.#parser.on('opentag', ({ name, attributes }: SaxesTag) =>
        // Texts, because namespaces are not asked for.
        open(local(name), attributes as Record<string, string>),
      );
    }
    if (text !== undefined) {
      this.#parser.on('text', text);
      this.#parser.on('cdata', text);
    }
    if (close !== undefined) this.#parser.on('closetag', ({ name }: SaxesTag) => close(local(name)));
    this.#parser.on('error', (error) => {
      throw unreadable(`the workbook is damaged (${error.message})`);
    });
  }

  push(piece: Buffer): void {
    this.#parser.write(this.#decode(piece));
  }

  end(): void {
    this.#parser.write(this.#decode());
    this.#parser.close();
  }

  #decode(piece?: Buffer): string {
    try {
      return piece === undefined ? this.#decoder.decode() : this.#decoder.decode(piece, { stream: true });
    } catch {
      throw unreadable('the workbook is damaged (a part of it is not UTF-8)');
    }
  }
}

/** Reads a whole part. */
export async function readXml(pieces: AsyncIterable<Buffer>, listener: XmlListener): Promise<void> {
  const reader = new XmlReader(listener);
  for await (const piece of pieces) reader.push(piece);
  reader.end();
}

function local(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
