import Type from 'typebox';
import { isoTime } from '../../lib/clock.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, orNull, Time, word } from './fields.ts';

/** What of the installation a process reaches. */
const PARTS = ['store', 'queue', 'redis'] as const;

const Part = closed(
  {
    name: word(PARTS),
    kind: Type.String({ description: 'what it is: sqlite, mysql, memory, rabbitmq, redis or none' }),
    address: Type.String({ description: 'where it is, without secrets; empty: in this process, or nowhere' }),
    reachable: {
      ...orNull(Type.Boolean()),
      description: 'whether it answers this process; null: there is none',
    },
    reason: Type.String({ description: 'what is wrong; empty: nothing that is known' }),
  },
  { title: 'Part' },
);

const SettingBody = closed(
  {
    name: Type.String({ description: 'of the environment variable' }),
    value: Type.String({ description: 'as it holds now; secrets are hidden' }),
    source: word(['environment', 'default'], 'where it came from'),
    fallback: Type.String({ description: 'what holds when the environment does not say; empty: nothing' }),
    meaning: Type.String(),
  },
  { title: 'Setting' },
);

const Settings = closed(
  {
    version: Type.String({ description: 'of Signet' }),
    node: Type.String({ description: 'version of the runtime' }),
    platform: Type.String({ description: 'operating system and processor' }),
    started_at: Time,
    data_directory: Type.String(),
    free_disk_bytes: orNull(Count),
    parts: Type.Array(Part),
    settings: Type.Array(SettingBody, {
      description: 'of the process that answers; they are changed in its environment, and hold after its next start',
    }),
  },
  { title: 'Settings' },
);

/** What the installation runs with. Nothing of it is changed here: it is the environment's. */
export const settingsEndpoints = ({ facts }: HttpDeps): Endpoint[] => [
  endpoint(
    'GET /settings',
    {
      tag: 'system',
      needs: 'tasks:read',
      admin: true,
      summary: 'What the process that answers runs with, what it reaches, and where each setting came from',
      answer: Settings,
    },
    async () => {
      const { startedAt, dataDirectory, freeDiskBytes, parts, ...rest } = await facts.setup();
      return {
        ...rest,
        parts: [...parts],
        started_at: isoTime(startedAt),
        data_directory: dataDirectory,
        free_disk_bytes: freeDiskBytes,
      };
    },
  ),
];
