import type { Dirent } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileNumber } from './log-file.ts';

/** One file of one channel's log. */
interface Found {
  channel: string;
  file: number;
  path: string;
  octets: number;
  changedAt: number;
}

/**
 * Takes away what the logs of all channels may not keep: files last written before `keepAfter`, and then, until all of
 * them fit into `maxOctets`, the oldest file of the channel that has most: a busy channel does not push out what a quiet
 * one said.
 *
 * @param open the files being written, by channel: they stay
 */
export async function trimLogs(
  dir: string,
  limits: { maxOctets: number; keepAfter: number },
  open: ReadonlyMap<string, number>,
): Promise<void> {
  const files = await allFiles(dir);
  const byChannel = new Map<string, Found[]>();
  let total = 0;
  for (const each of files) {
    total += each.octets;
    const ofChannel = byChannel.get(each.channel);
    if (ofChannel === undefined) byChannel.set(each.channel, [each]);
    else ofChannel.push(each);
  }
  const oldestFirst = [...byChannel.values()].map((ofChannel) => {
    const closed = ofChannel.filter(({ channel, file }) => file !== open.get(channel)).sort((a, b) => a.file - b.file);
    return { closed, octets: ofChannel.reduce((sum, { octets }) => sum + octets, 0) };
  });
  const drop = async (ofChannel: (typeof oldestFirst)[number]): Promise<void> => {
    const { path, octets } = ofChannel.closed.shift()!;
    await unlink(path);
    ofChannel.octets -= octets;
    total -= octets;
  };
  for (const ofChannel of oldestFirst) {
    while (ofChannel.closed.length > 0 && ofChannel.closed[0]!.changedAt < limits.keepAfter) await drop(ofChannel);
  }
  while (total > limits.maxOctets) {
    const most = oldestFirst.filter(({ closed }) => closed.length > 0).sort((a, b) => b.octets - a.octets)[0];
    if (most === undefined) return;
    await drop(most);
  }
}

async function allFiles(dir: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const folder of await entriesOf(dir)) {
    if (!folder.isDirectory() || !/^\d+$/.test(folder.name)) continue;
    for (const { name } of await entriesOf(join(dir, folder.name))) {
      const file = fileNumber(name);
      if (file === null) continue;
      const path = join(dir, folder.name, name);
      const { size, mtimeMs } = await stat(path);
      found.push({ channel: folder.name, file, path, octets: size, changedAt: mtimeMs });
    }
  }
  return found;
}

async function entriesOf(dir: string): Promise<Dirent[]> {
  try {
    return await readdir(dir, { withFileTypes: true });
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  }
}
