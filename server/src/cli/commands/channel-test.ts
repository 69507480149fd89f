import { channelNamed } from '../channels/channels.ts';
import type { Register } from '../context.ts';
import { facts } from '../output.ts';

interface Tested {
  message_id: string;
  state: string;
  error: string;
  segments: number;
  timeline: { state: string; at: string }[];
}

const LOOK_EVERY_MS = 500;
/** What a test goes through; every other state is its end. */
const UNDER_WAY = ['accepted', 'queued', 'dispatching', 'submitted', 'uncertain'];

/** `signet channel test`: one real text over one channel. */
export const registerChannelTest: Register = (channel, act) => {
  channel
    .command('test <name>')
    .description(
      'send a real text over this channel now, past all routes; it costs no credits, the carrier charges for it',
    )
    .requiredOption('--to <number>', 'the recipient, with its calling code')
    .requiredOption('--text <text>', 'the text as it goes on the air, with its signature')
    .option('--no-wait', 'do not wait for what becomes of it')
    .action(
      act(async (context, name: string, { to, text, wait }: { to: string; text: string; wait: boolean }) => {
        const { out, world } = context;
        const client = await context.client();
        const { id } = await channelNamed(client, name);
        const { message_id: messageId } = await client.native<Tested>('POST', `/channels/${id}/test`, { to, text });
        const look = () => client.native<Tested>('GET', `/messages/${messageId}`);
        const interrupted = world.interruption();
        let seen = await look();
        while (wait && UNDER_WAY.includes(seen.state) && !interrupted.aborted) {
          await world.wait(LOOK_EVERY_MS, interrupted);
          seen = await look();
        }
        out.result(seen, () =>
          facts({
            message: messageId,
            state: seen.state,
            ...(seen.error !== '' && { error: seen.error }),
            segments: seen.segments,
            ...Object.fromEntries(seen.timeline.map(({ state, at }) => [`${state} at`, at])),
          }),
        );
      }),
    );
};
