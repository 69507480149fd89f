import { open } from 'node:fs/promises';
import { type FileOfRows, unreadable } from './rows.ts';
import { openText, type TextWishes } from './text.ts';
import { openWorkbook } from './xlsx/workbook.ts';

/** What the sender says of a file; the rest is found in it. */
export interface FileWishes extends TextWishes {
  /** Name of the sheet of a workbook; its first visible one unless given. */
  sheet?: string;
}

const HEAD_BYTES = 8;
/** First octets of a ZIP archive, which an XLSX workbook is, and of the workbooks before it. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const OLE = [0xd0, 0xcf, 0x11, 0xe0];

/** Opens a file of numbers for what it is, whatever its name or content type says. @throws Refused (fileRefused) */
export async function openFileOfRows(path: string, wishes: FileWishes): Promise<FileOfRows> {
  const head = await headOf(path);
  if (beginsWith(head, ZIP)) return openWorkbook(path, wishes.sheet);
  if (beginsWith(head, OLE)) {
    throw unreadable('it is a workbook of an older kind (.xls) or one with a password: save it as .xlsx or CSV');
  }
  return openText(path, head, wishes);
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const beginsWith = (head: Uint8Array, octets: readonly number[]): boolean =>
  octets.every((octet, i) => head[i] === octet);
