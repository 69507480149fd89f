import Type, { type Static } from 'typebox';
import { CALLBACK_OVERLAP_HOURS } from '../../domain/callback-address.ts';
import { CATEGORIES } from '../../domain/category.ts';
import {
  addressOf,
  CHANNEL_KINDS,
  CHANNEL_NAME,
  type ChannelKind,
  type KindAndSettings,
  windowOf,
} from '../../domain/channel.ts';
import { previewRequest } from '../../domain/channel-preview.ts';
import { TEST_TEXT_MAX_LENGTH } from '../../domain/channel-test.ts';
import { parseRecipient } from '../../domain/recipient.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import type { GivenSettings } from '../../services/channel.ts';
import type { QueryValue } from '../../services/desk.ts';
import type { HttpDeps } from '../deps.ts';
import {
  Engagelab,
  EngagelabEdit,
  engagelabEdit,
  engagelabView,
  NewEngagelab,
  newEngagelab,
} from './channel-engagelab.ts';
import { Http, HttpEdit, httpEdit, httpView, NewHttp, newCallbackToken, newHttp } from './channel-http.ts';
import { NewSmpp, newSmpp, Smpp, SmppEdit, smppEdit, smppView } from './channel-smpp.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, Id, IdText, NextCursor, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { MessageBody, messageView } from './messages.ts';

const Name = Type.String({
  pattern: CHANNEL_NAME.source,
  description: '1 to 64 letters, digits, dots, dashes or underscores, starting with a letter or digit',
});

const Enabled = Type.Boolean({ description: 'true or false' });

const ChannelBody = closed(
  {
    id: Id,
    name: Name,
    kind: word(CHANNEL_KINDS),
    enabled: Enabled,
    simulated: Type.Boolean({ description: 'whether the built-in simulator stands behind it' }),
    address: Type.String({ description: 'where its carrier is, for people' }),
    smpp: Type.Optional(Smpp),
    http: Type.Optional(Http),
    engagelab: Type.Optional(Engagelab),
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

const NewChannelBody = closed(
  {
    name: Name,
    enabled: Type.Optional(Enabled),
    smpp: Type.Optional(NewSmpp),
    http: Type.Optional(NewHttp),
    engagelab: Type.Optional(NewEngagelab),
  },
  { title: 'NewChannel' },
);

const ChannelEditBody = closed(
  {
    enabled: Type.Optional(Enabled),
    smpp: Type.Optional(SmppEdit),
    http: Type.Optional(HttpEdit),
    engagelab: Type.Optional(EngagelabEdit),
  },
  { title: 'ChannelEdit' },
);

const OverlapHours = Type.Integer({
  minimum: 0,
  maximum: CALLBACK_OVERLAP_HOURS.max,
  description: `for how many hours the present address works on, 0 to ${CALLBACK_OVERLAP_HOURS.max}; left out: ${CALLBACK_OVERLAP_HOURS.usual}`,
});

const Recipient = { description: 'a mobile number with its calling code, such as +8613800138000' };

const PreviewBody = closed(
  {
    to: Type.String(Recipient),
    text: Type.String({ maxLength: 20_000, description: 'the text as it would go on the air' }),
    signature: Type.Optional(Type.String({ maxLength: 200, description: "the signature's text" })),
    category: Type.Optional(word(CATEGORIES)),
    template_id: Type.Optional(Id),
    params: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]), {
        description: 'an object of values',
      }),
    ),
  },
  { title: 'ImaginedMessage' },
);

const TestBody = closed(
  {
    to: Type.String({ maxLength: 100, ...Recipient }),
    text: Type.String({
      maxLength: 2 * TEST_TEXT_MAX_LENGTH,
      description: `1 to ${TEST_TEXT_MAX_LENGTH} characters, sent as they are; with a signature, where the carrier asks for one`,
    }),
  },
  { title: 'ChannelTest' },
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
      address: addressOf(channel),
      ...settingsView(channel),
      state: {
        link: state?.link ?? (channel.enabled ? 'down' : 'disabled'),
        reason: state?.reason ?? '',
        in_flight: state?.inFlight ?? 0,
        window: state?.window ?? windowOf(channel),
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
        summary: 'Add a carrier; its settings stand under the name of its kind',
        body: NewChannelBody,
        status: 201,
      },
      async ({ actor, body }) => {
        const { name, enabled = true } = body;
        return view(await desk.do('createChannel', { actor, name, enabled, ...givenSettings(body) }));
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
        body: ChannelEditBody,
      },
      async ({ actor, params, body }) =>
        view(
          await desk.do('editChannel', {
            actor,
            id: Number(params.id),
            enabled: body.enabled,
            smpp: body.smpp && smppEdit(body.smpp),
            http: body.http && httpEdit(body.http),
            engagelab: body.engagelab && engagelabEdit(body.engagelab),
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
      'POST /channels/:id/callback/renew',
      {
        ...describe,
        summary: 'Give a channel that speaks HTTP a new address for callbacks; the present one works on for a while',
        params,
        body: closed({ overlap_hours: Type.Optional(OverlapHours) }, { title: 'CallbackRenewal' }),
      },
      async ({ actor, params, body }) => {
        const { overlap_hours: overlapHours = CALLBACK_OVERLAP_HOURS.usual } = body;
        const token = newCallbackToken();
        return view(await desk.do('renewCallback', { actor, id: Number(params.id), token, overlapHours }));
      },
    ),
    endpoint(
      'POST /channels/:id/preview',
      {
        ...describe,
        summary: 'The request a channel that speaks HTTP would make for a message, secrets masked; nothing is sent',
        params,
        body: PreviewBody,
        answer: closed(
          {
            method: Type.String(),
            url: Type.String(),
            headers: Type.Record(Type.String(), Type.String()),
            body: orNull(Type.String()),
          },
          { title: 'ChannelRequest' },
        ),
      },
      async ({ params, body }) => {
        const channel = await desk.ask('findChannel', { id: Number(params.id) });
        must(channel !== null, { code: 'channelNotFound' });
        const recipient = parseRecipient(body.to, null);
        must(recipient !== null, { code: 'invalidField', field: 'to', rule: Recipient.description });
        const message = {
          recipient,
          text: body.text,
          signature: body.signature ?? '',
          category: body.category ?? 'notification',
          templateId: body.template_id ?? null,
          parameters: body.params ?? null,
        };
        return previewRequest(channel, message, facts.publicUrl);
      },
    ),
    endpoint(
      'POST /channels/:id/test',
      {
        tag: 'channels',
        summary: 'Send a text over this channel now, past all routes and templates; it costs no credits',
        admin: true,
        params,
        body: TestBody,
        status: 201,
        answer: MessageBody,
      },
      async ({ actor, params, body: { to, text } }) => {
        const recipient = parseRecipient(to, actor.defaultCountry);
        must(recipient !== null, { code: 'invalidField', field: 'to', rule: Recipient.description });
        const { planId } = await desk.do('testChannel', { actor, id: Number(params.id), recipient, text });
        return messageView((await desk.ask('findMessage', { businessId: null, planId, index: 0 }))!.message);
      },
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

/** The settings as answers show them, under the name of their kind; secrets never leave. */
function settingsView(channel: KindAndSettings): Pick<Static<typeof ChannelBody>, ChannelKind> {
  switch (channel.kind) {
    case 'smpp':
      return { smpp: smppView(channel.smpp) };
    case 'http':
      return { http: httpView(channel.http) };
    case 'engagelab':
      return { engagelab: engagelabView(channel.engagelab) };
  }
}

/** The settings of the one kind a new channel is of. @throws Refused (invalidField) unless there is exactly one */
function givenSettings(body: Static<typeof NewChannelBody>): GivenSettings {
  const [kind, another] = CHANNEL_KINDS.filter((each) => body[each] !== undefined);
  const kinds = CHANNEL_KINDS.join(', ');
  must(kind !== undefined, {
    code: 'invalidField',
    field: CHANNEL_KINDS[0],
    rule: `missing; the settings of one of ${kinds}`,
  });
  must(another === undefined, { code: 'invalidField', field: another!, rule: 'the settings of one kind only' });
  switch (kind) {
    case 'smpp':
      return { smpp: newSmpp(body.smpp!) };
    case 'http':
      return { http: newHttp(body.http!) };
    case 'engagelab':
      return { engagelab: newEngagelab(body.engagelab!) };
  }
}
