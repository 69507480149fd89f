import type { Command } from 'commander';
import { SMPP_SETTING_LIST } from '../../domain/smpp-settings.ts';
import { withoutAbsent } from '../arguments.ts';
import type { Act } from '../context.ts';
import { usageError } from '../failure.ts';
import { askSecret } from '../password.ts';
import { type ChannelFacts, channelNamed } from './channels.ts';
import { addSettings, settingsOf } from './options.ts';

type SmppOptions = Record<string, unknown> & { systemId?: string; smppPassword?: string; disabled?: boolean };

/** The password of a carrier is asked for, so that it need not stand in the history of a shell. */
const ON_THE_LINE = SMPP_SETTING_LIST.filter(({ name }) => name !== 'password');

/** Carriers reached over SMPP. */
export function registerSmpp(add: Command, edit: Command, act: Act): void {
  addSettings(
    add
      .command('smpp <name>')
      .description('a carrier reached over SMPP')
      .option('--smpp-password <password>', 'the password of that system id; asked for when left out')
      .option('--disabled', 'add it without connecting yet'),
    ON_THE_LINE,
    true,
  ).action(
    act(async (context, name: string, options: SmppOptions) => {
      const password =
        options.smppPassword ??
        (await askSecret(context.world, `SMPP password of ${options.systemId}`, 'Give --smpp-password.'));
      const client = await context.client();
      const created = await client.native<ChannelFacts>('POST', '/channels', {
        name,
        enabled: options.disabled !== true,
        smpp: { ...settingsOf(options, ON_THE_LINE), password },
      });
      context.out.result(created, () => `channel ${created.name} (${created.id}) is added; see "signet channel list"`);
    }),
  );

  addSettings(
    edit
      .command('smpp <name>')
      .description('a carrier reached over SMPP, by its name or id')
      .option('--smpp-password <password>', 'the password of that system id'),
    ON_THE_LINE,
    false,
  ).action(
    act(async (context, name: string, options: SmppOptions) => {
      const smpp = withoutAbsent({ ...settingsOf(options, ON_THE_LINE), password: options.smppPassword });
      if (Object.keys(smpp).length === 0)
        throw usageError('nothing to change', 'See "signet channel edit smpp --help".');
      const client = await context.client();
      const { id } = await channelNamed(client, name);
      const edited = await client.native<ChannelFacts>('PATCH', `/channels/${id}`, { smpp });
      context.out.result(edited, () => `channel ${edited.name} is changed`);
    }),
  );
}
