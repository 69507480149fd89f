import Type, { type Static, type TSchema } from 'typebox';
import type { Setting } from '../../domain/setting.ts';
import {
  completeSmppSettings,
  SMPP_SETTING_LIST,
  type SmppSettings,
  settingsOfWire,
  wireOfSettings,
} from '../../domain/smpp-settings.ts';
import { closed } from './fields.ts';

/** The schema of a setting, made from its line in the table. */
const field = ({ schema, description }: Setting<unknown>): TSchema => Type.Unsafe({ ...schema, description });

const fields = (wanted: (setting: Setting<unknown>) => boolean): Record<string, TSchema> =>
  Object.fromEntries(
    SMPP_SETTING_LIST.filter(({ setting }) => wanted(setting)).map(({ wire, setting }) => [wire, field(setting)]),
  );

const optional = (properties: Record<string, TSchema>): Record<string, TSchema> =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)]));

/** Settings of a new channel: what has a default may be left out. */
export const NewSmpp = closed(
  { ...fields(({ initial }) => initial === undefined), ...optional(fields(({ initial }) => initial !== undefined)) },
  { title: 'NewSmpp', description: 'the SMPP settings, an object' },
);

export const SmppEdit = closed(optional(fields(() => true)), {
  title: 'SmppEdit',
  description: 'the SMPP settings to change, an object',
});

export const Smpp = closed(
  fields((setting) => !setting.secret),
  { title: 'Smpp' },
);

/** All settings of a channel that is made; what is left out is the default. */
export const newSmpp = (body: Static<typeof NewSmpp>): SmppSettings => completeSmppSettings(settingsOfWire(body));

/** The settings a request speaks of. */
export const smppEdit = (body: Static<typeof SmppEdit>): Partial<SmppSettings> => settingsOfWire(body);

/** The settings as answers show them: secrets never leave. */
export const smppView = (settings: SmppSettings): Static<typeof Smpp> => wireOfSettings(settings);
