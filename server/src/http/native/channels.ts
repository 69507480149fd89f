import Type, { type Static } from 'typebox';
import { CHANNEL_NAME, DEFAULT_SMPP_SETTINGS, SMPP_LIMITS, type SmppSettings } from '../../domain/channel.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import type { QueryValue } from '../../services/desk.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, Id, IdText, NextCursor, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';

const TIMEOUT_MIN_MS = 100;
const TIMEOUT_MAX_MS = 3_600_000;

/** A text of the bind: SMPP 3.4 §3.1 has C-octet strings of ASCII. */
const octets = (minLength: number, maxLength: number) =>
  Type.String({
    pattern: `^[\\x20-\\x7e]{${minLength},${maxLength}}$`,
    description: `a text of ${minLength} to ${maxLength} printable ASCII characters`,
  });

const timeout = Type.Integer({
  minimum: TIMEOUT_MIN_MS,
  maximum: TIMEOUT_MAX_MS,
  description: `milliseconds, an integer from ${TIMEOUT_MIN_MS} to ${TIMEOUT_MAX_MS}`,
});

const Name = Type.String({
  pattern: CHANNEL_NAME.source,
  description: '1 to 64 letters, digits, dots, dashes or underscores, starting with a letter or digit',
});

const needed = {
  host: Type.String({
    pattern: '^[A-Za-z0-9](?:[A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?$|^::[0-9A-Fa-f.:]{0,43}$',
    description: 'a host name or an IP address',
  }),
  port: Type.Integer({ minimum: 1, maximum: 65_535, description: 'an integer from 1 to 65535' }),
  system_id: octets(1, SMPP_LIMITS.systemId),
};
const password = octets(0, SMPP_LIMITS.password);
const tuning = {
  system_type: octets(0, SMPP_LIMITS.systemType),
  sender: octets(0, SMPP_LIMITS.sender),
  window: Type.Integer({
    minimum: 1,
    maximum: SMPP_LIMITS.window,
    description: `an integer from 1 to ${SMPP_LIMITS.window}`,
  }),
  receipts: Type.Boolean({ description: 'true or false: whether delivery reports are asked for' }),
  response_timeout_ms: timeout,
  enquire_link_ms: timeout,
};

const NewSmpp = closed(
  { ...needed, password, ...Type.Partial(closed(tuning)).properties },
  { title: 'NewSmpp', description: 'the SMPP settings, an object' },
);
const SmppEdit = Type.Partial(closed({ ...needed, password, ...tuning }), {
  additionalProperties: false,
  title: 'SmppEdit',
  description: 'the SMPP settings to change, an object',
});
const Smpp = closed({ ...needed, ...tuning }, { title: 'Smpp' });

const Enabled = Type.Boolean({ description: 'true or false' });

const ChannelBody = closed(
  {
    id: Id,
    name: Name,
    kind: word(['smpp']),
    enabled: Enabled,
    simulated: Type.Boolean({ description: 'whether the built-in simulator stands behind it' }),
    smpp: Smpp,
    state: closed({
      link: word(['down', 'connecting', 'bound', 'disabled']),
      reason: Type.String({ description: 'why the link is down' }),
      in_flight: Count,
      window: Count,
      submitted: Count,
      throttled: Count,
    }),
    created_at: Time,
    updated_at: Time,
  },
  { title: 'Channel' },
);

const params = closed({ id: IdText });

type Channel = NonNullable<QueryValue<'findChannel'>>;

/** Carrier contracts. Only the administrator sees them. */
export const channelEndpoints = ({ desk, facts }: HttpDeps): Endpoint[] => {
  const view = (channel: Channel): Static<typeof ChannelBody> => {
    const state = facts.channelStates().get(channel.id);
    return {
      id: channel.id,
      name: channel.name,
      kind: channel.kind,
      enabled: channel.enabled,
      simulated: false,
      smpp: smppView(channel.smpp),
      state: {
        link: state?.link ?? (channel.enabled ? 'down' : 'disabled'),
        reason: state?.reason ?? '',
        in_flight: state?.inFlight ?? 0,
        window: state?.window ?? channel.smpp.window,
        submitted: state?.submitted ?? 0,
        throttled: state?.throttled ?? 0,
      },
      created_at: isoTime(channel.createdAt),
      updated_at: isoTime(channel.updatedAt),
    };
  };
  const describe = { tag: 'channels', admin: true, answer: ChannelBody } as const;
  return [
    endpoint(
      'GET /channels',
      {
        ...describe,
        summary: 'All channels, in the order of their ids',
        query: closed(pageQuery),
        answer: closed({
          items: Type.Array(ChannelBody),
          next_cursor: NextCursor,
          simulator: Type.Boolean({
            description: 'whether the built-in simulator stands in, because there has never been a channel',
          }),
        }),
      },
      async ({ query }) => {
        const limit = limitOf(query);
        const after = placeOf(query, 1)?.[0] ?? 0;
        const { channels } = await desk.ask('listChannels', {});
        const rows = channels
          .filter((channel) => channel.id > after)
          .sort((a, b) => a.id - b.id)
          .slice(0, limit + 1);
        return { ...pageOf(rows, limit, (last) => [last.id], view), simulator: facts.simulating() };
      },
    ),
    endpoint(
      'POST /channels',
      {
        ...describe,
        summary: 'Add a carrier reached over SMPP 3.4',
        body: closed({ name: Name, smpp: NewSmpp, enabled: Type.Optional(Enabled) }, { title: 'NewChannel' }),
        status: 201,
      },
      async ({ actor, body }) => {
        const { host, port, system_id, password } = body.smpp;
        const smpp = { ...DEFAULT_SMPP_SETTINGS, host, port, systemId: system_id, password, ...settingsOf(body.smpp) };
        return view(await desk.do('createChannel', { actor, name: body.name, enabled: body.enabled ?? true, smpp }));
      },
    ),
    endpoint(
      'GET /channels/:id',
      { ...describe, summary: 'One channel and how its link stands', params },
      async ({ params }) => {
        const channel = await desk.ask('findChannel', { id: Number(params.id) });
        must(channel !== null, { code: 'channelNotFound' });
        return view(channel);
      },
    ),
    endpoint(
      'PATCH /channels/:id',
      {
        ...describe,
        summary: 'Change a channel; what is left out stays',
        params,
        body: closed({ enabled: Type.Optional(Enabled), smpp: Type.Optional(SmppEdit) }, { title: 'ChannelEdit' }),
      },
      async ({ actor, params, body }) =>
        view(
          await desk.do('editChannel', {
            actor,
            id: Number(params.id),
            enabled: body.enabled,
            smpp: body.smpp && settingsOf(body.smpp),
          }),
        ),
    ),
    ...(['enable', 'disable'] as const).map((change) =>
      endpoint(
        `POST /channels/:id/${change}`,
        {
          ...describe,
          summary: change === 'enable' ? 'Use a channel for sending' : 'Stop sending over a channel',
          params,
        },
        async ({ actor, params }) =>
          view(await desk.do('editChannel', { actor, id: Number(params.id), enabled: change === 'enable' })),
      ),
    ),
    endpoint(
      'DELETE /channels/:id',
      { ...describe, summary: 'Take a channel away; what waits goes over the one that is left', params, answer: null },
      async ({ actor, params }) => {
        await desk.do('deleteChannel', { actor, id: Number(params.id) });
      },
    ),
  ];
};

/** The settings as answers show them: the password never leaves. */
const smppView = (smpp: SmppSettings): Static<typeof Smpp> => ({
  host: smpp.host,
  port: smpp.port,
  system_id: smpp.systemId,
  system_type: smpp.systemType,
  sender: smpp.sender,
  window: smpp.window,
  receipts: smpp.receipts,
  response_timeout_ms: smpp.responseTimeoutMs,
  enquire_link_ms: smpp.enquireLinkMs,
});

/** The settings a request speaks of. */
function settingsOf(smpp: Static<typeof SmppEdit>): Partial<SmppSettings> {
  const settings: Partial<SmppSettings> = {
    host: smpp.host,
    port: smpp.port,
    systemId: smpp.system_id,
    password: smpp.password,
    systemType: smpp.system_type,
    sender: smpp.sender,
    window: smpp.window,
    receipts: smpp.receipts,
    responseTimeoutMs: smpp.response_timeout_ms,
    enquireLinkMs: smpp.enquire_link_ms,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
