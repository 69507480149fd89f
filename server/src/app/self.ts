import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { randomOctets } from '../lib/random.ts';
import { VERSION } from '../version.ts';
import type { Ground } from './ground.ts';

/** This process among all that ever were. */
export interface Self {
  /** Made up anew at each start: 16 hexadecimal digits. */
  id: string;
  /** Of its data directory, which later processes have as well: 16 hexadecimal digits. */
  directory: string;
  /** The process that had this data directory before, which has ended; null: there was none. */
  predecessor: string | null;
  role: string;
  host: string;
  pid: number;
  version: string;
  startedAt: number;
}

const ID = /^[0-9a-f]{16}$/;

/** Takes the name of this process, and reads that of the one before it, which has ended: the data directory is locked. */
export function enrol({ clock, config, paths }: Ground): Self {
  const id = randomOctets(8).toString('hex');
  const [before = '', known = ''] = existsSync(paths.node) ? readFileSync(paths.node, 'latin1').split('\n') : [];
  const directory = ID.test(known) ? known : randomOctets(8).toString('hex');
  writeFileSync(paths.node, `${id}\n${directory}\n`);
  return {
    id,
    directory,
    predecessor: ID.test(before) ? before : null,
    role: config.roles.join(),
    host: hostname(),
    pid: process.pid,
    version: VERSION,
    startedAt: clock.now(),
  };
}
