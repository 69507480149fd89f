import Type, { type Static } from 'typebox';
import { DEFAULT_ENGAGELAB_SETTINGS, type EngagelabSettings } from '../../domain/engagelab-settings.ts';
import { randomSecret } from '../../lib/random.ts';
import {
  CallbackPath,
  callbackView,
  checkNetworks,
  EarlierCallback,
  httpTuning,
  newCallbackToken,
} from './channel-http.ts';
import { closed } from './fields.ts';

/** Enough that two installations that send through one account do not begin their keys in the same way. */
const KEY_PREFIX_BITS = 48;

const credential = Type.String({
  pattern: '^[\\x21-\\x39\\x3b-\\x7e]{1,200}$',
  description: '1 to 200 printable ASCII characters without spaces and colons',
});
const secret = Type.String({
  pattern: '^[\\x21-\\x7e]{1,200}$',
  description: '1 to 200 printable ASCII characters without spaces; never shown',
});
const templateId = Type.String({
  pattern: '^[0-9]{1,20}$',
  description: 'an id of a template of the other side: digits',
});

const needed = {
  url: Type.String({ maxLength: 2_000, description: 'the address /v1/messages stands behind, http:// or https://' }),
  api_key: credential,
};
const tuning = {
  template: Type.String({
    pattern: '^[0-9]{0,20}$',
    description: "the other side's id of a template that is one variable, for whole texts: digits; empty: none",
  }),
  variable: Type.String({ pattern: '^[\\p{L}\\p{Nd}_]{1,32}$', description: 'the name of that variable' }),
  templates: Type.Record(Type.String(), templateId, {
    maxProperties: 10_000,
    description: "an object from our ids of templates to the other side's",
  }),
  idempotent: Type.Boolean({
    description: 'true or false: whether the other side keeps Idempotency-Key, as a Signet does',
  }),
  ...httpTuning,
  receipts: Type.Boolean({ description: 'true or false: whether its webhook tells us what becomes of messages' }),
};

export const NewEngagelab = closed(
  {
    ...needed,
    api_secret: secret,
    webhook_secret: Type.Optional(
      Type.String({ maxLength: 200, description: 'what its webhook signs with; empty: nothing' }),
    ),
    ...Type.Partial(closed(tuning)).properties,
  },
  { title: 'NewEngagelab', description: 'the settings of an EngageLab-compatible platform, an object' },
);
export const EngagelabEdit = Type.Partial(
  closed({ ...needed, api_secret: secret, webhook_secret: Type.String({ maxLength: 200 }), ...tuning }),
  {
    additionalProperties: false,
    title: 'EngagelabEdit',
    description: 'the settings of an EngageLab-compatible platform to change, an object',
  },
);
export const Engagelab = closed(
  {
    ...needed,
    ...tuning,
    has_webhook_secret: Type.Boolean({ description: 'whether its webhook has to sign' }),
    callback_path: CallbackPath,
    earlier_callback: EarlierCallback,
  },
  { title: 'Engagelab' },
);

/** The settings as answers show them: secrets never leave. */
export const engagelabView = (engagelab: EngagelabSettings): Static<typeof Engagelab> => ({
  url: engagelab.url,
  api_key: engagelab.apiKey,
  template: engagelab.template,
  variable: engagelab.variable,
  templates: engagelab.templates,
  idempotent: engagelab.idempotent,
  window: engagelab.window,
  rate: engagelab.rate,
  response_timeout_ms: engagelab.responseTimeoutMs,
  networks: engagelab.networks,
  receipts: engagelab.receipts,
  has_webhook_secret: engagelab.webhookSecret !== '',
  ...callbackView(engagelab),
});

/** All settings of a channel that is made; what is left out is the default. */
export const newEngagelab = (engagelab: Static<typeof NewEngagelab>): EngagelabSettings => {
  const { url, api_key, api_secret } = engagelab;
  return {
    ...structuredClone(DEFAULT_ENGAGELAB_SETTINGS),
    url,
    apiKey: api_key,
    apiSecret: api_secret,
    callbackToken: newCallbackToken(),
    keyPrefix: randomSecret(KEY_PREFIX_BITS),
    ...engagelabEdit(engagelab),
  };
};

/** The settings a request speaks of. */
export function engagelabEdit(engagelab: Static<typeof EngagelabEdit>): Partial<EngagelabSettings> {
  checkNetworks('engagelab.networks', engagelab.networks);
  const settings: Partial<EngagelabSettings> = {
    url: engagelab.url,
    apiKey: engagelab.api_key,
    apiSecret: engagelab.api_secret,
    template: engagelab.template,
    variable: engagelab.variable,
    templates: engagelab.templates,
    idempotent: engagelab.idempotent,
    window: engagelab.window,
    rate: engagelab.rate,
    responseTimeoutMs: engagelab.response_timeout_ms,
    receipts: engagelab.receipts,
    webhookSecret: engagelab.webhook_secret,
    networks: engagelab.networks,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
