import Type from 'typebox';
import { isoTime } from '../../lib/clock.ts';
import type { HouseFacts } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { closed, Time } from './fields.ts';

const System = closed(
  {
    version: Type.String(),
    started_at: Time,
    simulator: Type.Boolean({ description: 'whether the built-in simulator stands in for a carrier' }),
    ready: Type.Boolean({ description: 'whether the platform can do its work now' }),
    reason: Type.Optional(Type.String({ description: 'why it cannot' })),
  },
  { title: 'System' },
);

/** What the platform knows about itself. */
export const systemEndpoints = (facts: HouseFacts): Endpoint[] => [
  endpoint(
    'GET /system',
    { tag: 'system', summary: 'Version, start and readiness', permission: null, answer: System },
    async () => {
      const { ready, reason } = await facts.ready();
      return {
        version: facts.version,
        started_at: isoTime(facts.startedAt),
        simulator: facts.simulating(),
        ready,
        ...(!ready && { reason }),
      };
    },
  ),
];
