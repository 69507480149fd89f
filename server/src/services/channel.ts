import { CHANNEL_NAME, type Channel, type SmppSettings } from '../domain/channel.ts';
import { must } from '../domain/refusals.ts';
import type { Reader } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, single } from './verb.ts';

/** Installation fact: set once a channel has existed. From then on the built-in simulator never stands in for one. */
const HAD_CHANNEL = 'had-channel';

/** Adds a carrier contract. */
export const createChannel = single(
  async (tx, ctx, input: { actor: ActorRef; name: string; enabled: boolean; smpp: SmppSettings }): Promise<Channel> => {
    must(input.actor.admin, { code: 'adminOnly' });
    must(CHANNEL_NAME.test(input.name), {
      code: 'invalidField',
      field: 'name',
      rule: '1 to 64 letters, digits, dots, dashes or underscores, starting with a letter or digit',
    });
    must((await tx.channels.byName(input.name)) === null, { code: 'channelNameTaken' });
    const at = ctx.now();
    const { actor, ...fields } = input;
    const channel = { ...fields, kind: 'smpp' as const, createdAt: at, updatedAt: at };
    const id = await tx.channels.insert(channel);
    await tx.installation.set(HAD_CHANNEL, 'yes');
    await addEvent(tx, ctx, actor.businessId, { kind: 'channel.changed', channelId: id, change: 'created' });
    ctx.notify({ kind: 'channelsChanged' });
    return { id, ...channel };
  },
);

/** Changes a channel. What is left out stays. */
export const editChannel = single(
  async (
    tx,
    ctx,
    input: { actor: ActorRef; id: number; enabled?: boolean; smpp?: Partial<SmppSettings> },
  ): Promise<Channel> => {
    must(input.actor.admin, { code: 'adminOnly' });
    const channel = await tx.channels.byId(input.id);
    must(channel !== null, { code: 'channelNotFound' });
    const edited: Channel = {
      ...channel,
      enabled: input.enabled ?? channel.enabled,
      smpp: { ...channel.smpp, ...input.smpp },
      updatedAt: ctx.now(),
    };
    await tx.channels.update(edited);
    await addEvent(tx, ctx, input.actor.businessId, { kind: 'channel.changed', channelId: input.id, change: 'edited' });
    ctx.notify({ kind: 'channelsChanged' });
    return edited;
  },
);

/** Takes a channel away. What waits goes out over the channel that is left, or waits for one. */
export const deleteChannel = single(async (tx, ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  must(input.actor.admin, { code: 'adminOnly' });
  must((await tx.channels.byId(input.id)) !== null, { code: 'channelNotFound' });
  await tx.channels.delete(input.id);
  await addEvent(tx, ctx, input.actor.businessId, { kind: 'channel.changed', channelId: input.id, change: 'deleted' });
  ctx.notify({ kind: 'channelsChanged' });
});

/** All channels, and whether there has ever been one. */
export async function listChannels(
  reader: Reader,
  _input: Record<string, never>,
): Promise<{ channels: Channel[]; everHadOne: boolean }> {
  return { channels: await reader.channels.list(), everHadOne: (await reader.installation.get(HAD_CHANNEL)) !== null };
}

/** One channel, or null. */
export const findChannel = (reader: Reader, input: { id: number }): Promise<Channel | null> =>
  reader.channels.byId(input.id);
