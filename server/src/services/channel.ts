import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { CALLBACK_OVERLAP_HOURS, renewedCallback } from '../domain/callback-address.ts';
import {
  CHANNEL_KINDS,
  CHANNEL_NAME,
  type Channel,
  type ChannelKind,
  checkChannel,
  type KindAndSettings,
  ofKind,
  type SettingsOf,
} from '../domain/channel.ts';
import { editedHttp } from '../domain/http-settings.ts';
import { must, Refused } from '../domain/refusals.ts';
import type { Reader } from '../store/store.ts';
import { addEvent } from './event.ts';
import { dropRouteTable } from './hot-rows.ts';
import { routesNaming } from './route.ts';
import { type ActorRef, single } from './verb.ts';

/** Installation fact: set once a channel has existed. From then on the built-in simulator never stands in for one. */
const HAD_CHANNEL = 'had-channel';

/** Settings of one kind, under its name. */
export type GivenSettings = {
  [K in ChannelKind]: Pick<SettingsOf, K> & { [L in Exclude<ChannelKind, K>]?: undefined };
}[ChannelKind];

/** What changes in the settings of each kind that is named. */
export type SettingsEdit = { [K in ChannelKind]?: Partial<SettingsOf[K]> };

/** Adds a carrier contract. */
export const createChannel = single(
  async (tx, ctx, input: { actor: ActorRef; name: string; enabled: boolean } & GivenSettings): Promise<Channel> => {
    must(input.actor.admin, { code: 'adminOnly' });
    must(CHANNEL_NAME.test(input.name), {
      code: 'invalidField',
      field: 'name',
      rule: '1 to 64 letters, digits, dots, dashes or underscores, starting with a letter or digit',
    });
    must((await tx.channels.byName(input.name)) === null, { code: 'channelNameTaken' });
    const at = ctx.now();
    const { actor, name, enabled } = input;
    const kind = CHANNEL_KINDS.find((each) => input[each] !== undefined)!;
    const channel = { ...ofKind(kind, input[kind]!), name, enabled, createdAt: at, updatedAt: at };
    checkSettings(channel);
    const id = await tx.channels.insert(channel);
    dropRouteTable(ctx);
    ctx.hot.receiptGroups.clear();
    await tx.installation.set(HAD_CHANNEL, 'yes');
    await addEvent(tx, ctx, actor.businessId, { kind: 'channel.changed', channelId: id, change: 'created' });
    ctx.notify({ kind: 'channelsChanged' });
    return { id, ...channel };
  },
);

/** Changes a channel. What is left out stays. */
export const editChannel = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; enabled?: boolean } & SettingsEdit): Promise<Channel> => {
    must(input.actor.admin, { code: 'adminOnly' });
    const channel = await tx.channels.byId(input.id);
    must(channel !== null, { code: 'channelNotFound' });
    const { kind } = channel;
    for (const other of CHANNEL_KINDS) {
      const rule = `this channel is of the kind ${kind}`;
      must(other === kind || input[other] === undefined, { code: 'invalidField', field: other, rule });
    }
    const edited: Channel = {
      ...channel,
      ...editedSettings(channel, input),
      enabled: input.enabled ?? channel.enabled,
      updatedAt: ctx.now(),
    };
    checkSettings(edited);
    await tx.channels.update(edited);
    dropRouteTable(ctx);
    ctx.hot.receiptGroups.clear();
    await addEvent(tx, ctx, input.actor.businessId, { kind: 'channel.changed', channelId: input.id, change: 'edited' });
    ctx.notify({ kind: 'channelsChanged' });
    return edited;
  },
);

/**
 * Gives a channel a new address for its callbacks. The present one works on for `overlapHours`, so that nothing is lost while
 * the carrier's side is changed.
 */
export const renewCallback = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; token: string; overlapHours: number }): Promise<Channel> => {
    const { actor, id, token, overlapHours } = input;
    must(actor.admin, { code: 'adminOnly' });
    const channel = await tx.channels.byId(id);
    must(channel !== null, { code: 'channelNotFound' });
    must(channel.kind !== 'smpp', {
      code: 'invalidField',
      field: 'id',
      rule: 'a channel of the kind smpp has no callbacks',
    });
    const { max } = CALLBACK_OVERLAP_HOURS;
    const rule = `an integer from 0 to ${max}`;
    const allowed = Number.isInteger(overlapHours) && overlapHours >= 0 && overlapHours <= max;
    must(allowed, { code: 'invalidField', field: 'overlap_hours', rule });
    const at = ctx.now();
    const until = at + overlapHours * 3_600_000;
    const renewed: Channel =
      channel.kind === 'http'
        ? { ...channel, http: { ...channel.http, ...renewedCallback(channel.http, token, at, until) } }
        : { ...channel, engagelab: { ...channel.engagelab, ...renewedCallback(channel.engagelab, token, at, until) } };
    await tx.channels.update({ ...renewed, updatedAt: at });
    await addEvent(tx, ctx, actor.businessId, { kind: 'channel.changed', channelId: id, change: 'edited' });
    ctx.notify({ kind: 'channelsChanged' });
    return { ...renewed, updatedAt: at };
  },
);

/** The settings of a channel with those changed that an edit names. */
function editedSettings(channel: Channel, edit: SettingsEdit): KindAndSettings {
  switch (channel.kind) {
    case 'smpp':
      return { kind: 'smpp', smpp: { ...channel.smpp, ...edit.smpp } };
    case 'http':
      return { kind: 'http', http: editedHttp(channel.http, edit.http ?? {}) };
    case 'engagelab':
      return { kind: 'engagelab', engagelab: { ...channel.engagelab, ...edit.engagelab } };
  }
}

/** @throws Refused (invalidField) for settings that cannot work */
function checkSettings(channel: KindAndSettings): void {
  checkChannel(channel);
  if (channel.kind !== 'smpp') return;
  const { tlsCa, tlsCertificate: cert, tlsKey: key } = channel.smpp;
  usable('tls_ca', () => tlsCa === '' || new X509Certificate(tlsCa));
  usable('tls_certificate', () => cert === '' || new X509Certificate(cert));
  usable('tls_key', () => key === '' || createSecureContext({ cert, key }));
}

function usable(field: string, use: () => unknown): void {
  try {
    use();
  } catch (error) {
    const rule = `TLS cannot use it: ${(error as Error).message}`;
    throw new Refused({ code: 'invalidField', field: `smpp.${field}`, rule });
  }
}

/** Takes a channel away that no route names. What waits goes out over the channel that is left, or waits for one. */
export const deleteChannel = single(async (tx, ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  must(input.actor.admin, { code: 'adminOnly' });
  must((await tx.channels.byId(input.id)) !== null, { code: 'channelNotFound' });
  const routes = await routesNaming(tx, input.id);
  must(routes.length === 0, { code: 'channelNamedByRoute', routes });
  await tx.channels.delete(input.id);
  dropRouteTable(ctx);
  ctx.hot.receiptGroups.clear();
  await addEvent(tx, ctx, input.actor.businessId, { kind: 'channel.changed', channelId: input.id, change: 'deleted' });
  ctx.notify({ kind: 'channelsChanged' });
});

/** Whether there has ever been a channel: then the built-in simulator does not stand in for one any more. */
export const hadChannel = async (reader: Reader): Promise<boolean> =>
  (await reader.installation.get(HAD_CHANNEL)) !== null;

/** All channels, and whether there has ever been one. */
export async function listChannels(
  reader: Reader,
  _input: Record<string, never>,
): Promise<{ channels: Channel[]; everHadOne: boolean }> {
  return { channels: await reader.channels.list(), everHadOne: await hadChannel(reader) };
}

/** One channel, or null. */
export const findChannel = (reader: Reader, input: { id: number }): Promise<Channel | null> =>
  reader.channels.byId(input.id);
