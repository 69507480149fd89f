import { channelNamed } from '../channels/channels.ts';
import type { Register } from '../context.ts';
import { counted, facts, grouped, table } from '../output.ts';

interface Flow {
  limit: { cause: string; explanation: string; advice: string };
  per_second: number;
  per_second_in_minute: number;
  accepted: number;
  refused: number;
  throttled: number;
  unanswered: number;
  in_flight: number;
  in_flight_on_average: number;
  window: { now: number; configured: number };
  response_ms: { p50: number; p95: number; p99: number; max: number } | null;
  held: Record<string, number>;
}

interface Bind extends Flow {
  bind: number;
  type: string;
  link: string;
  reason: string;
  since: string;
  reconnects: number;
  last_error: { text: string; at: string } | null;
}

interface Facts extends Flow {
  rate: { per_second: number; learned: boolean } | null;
  usual_response_ms: number | null;
  waiting: Record<string, { queue: number; channel: number }>;
  statuses: { status: string; count: number }[];
  binds: Bind[];
}

const LOOK_EVERY_MS = 2_000;

/** `signet channel facts`: how a channel does, and what holds it. */
export const registerChannelFacts: Register = (channel, act) => {
  channel
    .command('facts <name>')
    .description('how a channel does, and which limit holds it now')
    .option('--watch', 'look again every two seconds, until Ctrl-C; with --json one value a line')
    .action(
      act(async (context, name: string, { watch }: { watch?: boolean }) => {
        const { out, world } = context;
        const client = await context.client();
        const { id } = await channelNamed(client, name);
        const look = () => client.native<Facts>('GET', `/channels/${id}/facts`);
        if (!watch) {
          const seen = await look();
          out.result(seen, () => pictureOf(seen));
          return;
        }
        const interrupted = world.interruption();
        while (!interrupted.aborted) {
          const seen = await look();
          out.line(seen, () => lineOf(seen));
          await world.wait(LOOK_EVERY_MS, interrupted);
        }
      }),
    );
};

/** All there is to say, for one look. */
function pictureOf(seen: Facts): string {
  const { limit, statuses } = seen;
  const waiting = Object.entries(seen.waiting).map(
    ([lane, { queue, channel }]) => `${lane} ${grouped(queue + channel)}`,
  );
  const about = facts({
    limit: limit.cause,
    '': limit.explanation,
    ...(limit.advice === '' ? {} : { advice: limit.advice }),
    speed: `${seen.per_second} parts a second, ${seen.per_second_in_minute} in the last minute`,
    rate: rateOf(seen),
    'response time': responseOf(seen),
    usual: seen.usual_response_ms === null ? 'not known yet' : `${seen.usual_response_ms} ms`,
    'in flight': `${seen.in_flight} of ${seen.window.now}, ${seen.in_flight_on_average} on average`,
    taken: `${counted(seen.accepted, 'part')}; refused ${grouped(seen.refused)}, throttled ${grouped(seen.throttled)}, not answered ${grouped(seen.unanswered)}`,
    statuses: statuses.map(({ status, count }) => `${status} ${grouped(count)}`).join(', '),
    waiting: waiting.join(', '),
  });
  const rows = seen.binds.map((bind) => [
    bind.bind,
    bind.type,
    bind.reason === '' ? bind.link : `${bind.link}: ${bind.reason}`,
    bind.limit.cause,
    bind.per_second,
    `${bind.in_flight}/${bind.window.now}`,
    bind.response_ms?.p50 ?? '',
    bind.response_ms?.p99 ?? '',
    bind.reconnects,
  ]);
  const head = ['bind', 'type', 'link', 'limit', 'a second', 'in flight', 'p50 ms', 'p99 ms', 'reconnects'];
  return rows.length === 0 ? about : `${about}\n${table(head, rows)}`;
}

/** The same in one line, for many looks. */
function lineOf(seen: Facts): string {
  const { p50 = 0, p99 = 0 } = seen.response_ms ?? {};
  return [
    seen.limit.cause.padEnd(13),
    `${seen.per_second} a second`.padEnd(16),
    `${seen.in_flight}/${seen.window.now} in flight`.padEnd(20),
    `p50 ${p50} ms, p99 ${p99} ms`.padEnd(28),
    seen.limit.explanation,
  ].join('  ');
}

function rateOf({ rate }: Facts): string {
  if (rate === null) return 'no limit';
  return `${rate.per_second} parts a second${rate.learned ? ", by the carrier's answers" : ''}`;
}

function responseOf({ response_ms: response }: Facts): string {
  if (response === null) return 'no answers in the last minute';
  return `p50 ${response.p50} ms, p95 ${response.p95} ms, p99 ${response.p99} ms, at most ${response.max} ms`;
}
