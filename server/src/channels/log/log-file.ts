import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, inflateRawSync } from 'node:zlib';
import type { RecordBlock } from './record.ts';

/*
 * A file is blocks, one behind the other: a head, then the records, deflated. It is written at its end only, and what a
 * killed process or a power failure left half written is behind everything that is whole: every start begins a new file.
 *
 *  0 u32 magic            8 u32 records      16 f64 first at    32 f64 lowest plan
 *  4 u32 octets behind   12 u32 inflated     24 f64 last at     40 f64 highest plan
 */
const MAGIC = 0x31_4c_58_53;
export const HEAD_OCTETS = 48;
/** No block inflates to more. */
export const BLOCK_OCTETS = 64 << 10;
const NAME = /^(\d{1,9})\.log$/;

const deflate = promisify(deflateRaw) as (
  octets: Uint8Array,
  options: { level: number; chunkSize: number },
) => Promise<Buffer>;

/** What the head of a block says, and where its records are. */
export interface BlockHead {
  /** Of the head in its file, in octets. */
  offset: number;
  octets: number;
  count: number;
  inflated: number;
  firstAt: number;
  lastAt: number;
  lowestPlan: number;
  highestPlan: number;
}

/** A block as it stands in a file. Deflating happens on another thread. */
export async function writtenBlock(block: RecordBlock): Promise<Buffer> {
  const body = await deflate(block.records, { level: 1, chunkSize: BLOCK_OCTETS });
  const head = Buffer.alloc(HEAD_OCTETS);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(block.count, 8);
  head.writeUInt32LE(block.length, 12);
  head.writeDoubleLE(block.firstAt, 16);
  head.writeDoubleLE(block.lastAt, 24);
  head.writeDoubleLE(block.lowestPlan, 32);
  head.writeDoubleLE(block.highestPlan, 40);
  return Buffer.concat([head, body]);
}

/** The heads of the whole blocks in the octets of a file, in order. */
export function blockHeads(file: Buffer): BlockHead[] {
  const heads: BlockHead[] = [];
  for (let offset = 0; offset + HEAD_OCTETS <= file.length; ) {
    const head = blockHead(file, offset);
    if (head === null || offset + HEAD_OCTETS + head.octets > file.length) break;
    heads.push(head);
    offset += HEAD_OCTETS + head.octets;
  }
  return heads;
}

/** The head at a place; null when none can be there. */
export function blockHead(file: Buffer, offset: number): BlockHead | null {
  if (file.length < offset + HEAD_OCTETS || file.readUInt32LE(offset) !== MAGIC) return null;
  return {
    offset,
    octets: file.readUInt32LE(offset + 4),
    count: file.readUInt32LE(offset + 8),
    inflated: file.readUInt32LE(offset + 12),
    firstAt: file.readDoubleLE(offset + 16),
    lastAt: file.readDoubleLE(offset + 24),
    lowestPlan: file.readDoubleLE(offset + 32),
    highestPlan: file.readDoubleLE(offset + 40),
  };
}

/** The records of a block; null when they cannot be had. */
export function blockRecords(file: Buffer, { offset, octets }: BlockHead): Buffer | null {
  const from = offset + HEAD_OCTETS;
  try {
    return inflateRawSync(file.subarray(from, from + octets), { maxOutputLength: BLOCK_OCTETS });
  } catch {
    return null;
  }
}

/** The log of one channel: a folder of its own, with numbered files. */
export const folderOf = (dir: string, channelId: number): string => join(dir, String(channelId));

export const fileIn = (folder: string, file: number): string => join(folder, `${String(file).padStart(6, '0')}.log`);

/** The number of a file by its name, or null when it is none of ours. */
export function fileNumber(name: string): number | null {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The numbers of the files in a folder, rising; empty when there is no folder. */
export function filesIn(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .map(fileNumber)
    .filter((number) => number !== null)
    .sort((a, b) => a - b);
}
