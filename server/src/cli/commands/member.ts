import { identifier, withoutAbsent } from '../arguments.ts';
import type { ApiClient } from '../client.ts';
import type { Context, Register } from '../context.ts';
import { CommandFailed, usageError } from '../failure.ts';
import { facts, table } from '../output.ts';

interface MemberFacts {
  id: number;
  business_id: number | null;
  name: string;
  role: string;
  state: string;
  must_change_password: boolean;
  totp: boolean;
  signed_in_at: string | null;
}

/** `signet member …`: people who sign in to the console; also for who has locked themselves out. */
export const registerMember: Register = (parent, act) => {
  const member = parent.command('member').description('people who sign in to the console, and what they may do there');

  member
    .command('list')
    .description('the members of a business; the staff unless one is given')
    .option('--business <name>', 'whose members')
    .action(
      act(async (context, options: { business?: string }) => {
        const items = await membersOf(await context.client(), options.business);
        context.out.result({ items }, () =>
          table(
            ['id', 'name', 'role', 'state', 'code', 'last signed in'],
            items.map(({ id, name, role, state, totp, signed_in_at }) => [
              id,
              name,
              role,
              state,
              totp ? 'yes' : 'no',
              signed_in_at ?? 'never',
            ]),
          ),
        );
      }),
    );

  member
    .command('add <name>')
    .description('make a member; its password is printed once, and has to be changed with the first sign-in')
    .requiredOption('--role <role>', 'of the staff: admin, reviewer, finance, operator; of a business: owner, …')
    .option('--business <name>', 'whose member it is; of the staff unless given')
    .action(
      act(async (context, name: string, options: { role: string; business?: string }) => {
        const client = await context.client();
        const businessId = options.business === undefined ? undefined : await businessNamed(client, options.business);
        const made = await client.native<MemberFacts & { password: string }>('POST', '/members', {
          name,
          role: options.role,
          ...withoutAbsent({ business_id: businessId }),
        });
        showPassword(context, made);
      }),
    );

  member
    .command('reset-password <member>')
    .description('give a member another password, printed once, that it has to change; its sessions end')
    .option('--business <name>', 'whose member it is, where a name is given')
    .option('--totp', 'take its second factor away, too')
    .action(
      act(async (context, ref: string, options: { business?: string; totp?: true }) => {
        const client = await context.client();
        const { id } = await memberNamed(client, ref, options.business);
        if (options.totp) await client.native('PATCH', `/members/${id}`, { totp: false });
        showPassword(context, await client.native('POST', `/members/${id}/reset-password`, {}));
      }),
    );

  for (const [verb, meaning, edit, done] of [
    ['disable', 'shut a member out, at once', { state: 'disabled' }, 'is disabled'],
    ['enable', 'let it in again', { state: 'active' }, 'is enabled'],
    ['remove-totp', 'take its second factor away, for who has lost it', { totp: false }, 'signs in without a code'],
  ] as const) {
    member
      .command(`${verb} <member>`)
      .description(meaning)
      .option('--business <name>', 'whose member it is, where a name is given')
      .action(
        act(async (context: Context, ref: string, options: { business?: string }) => {
          const client = await context.client();
          const { id } = await memberNamed(client, ref, options.business);
          const edited = await client.native<MemberFacts>('PATCH', `/members/${id}`, edit);
          context.out.result(edited, () => `${edited.name} ${done}`);
        }),
      );
  }

  member
    .command('delete <member>')
    .description('take a member away for good')
    .option('--business <name>', 'whose member it is, where a name is given')
    .action(
      act(async (context: Context, ref: string, options: { business?: string }) => {
        const client = await context.client();
        const { id, name } = await memberNamed(client, ref, options.business);
        await client.native('DELETE', `/members/${id}`);
        context.out.result({ id, deleted: true }, () => `${name} is deleted`);
      }),
    );
};

function showPassword(context: Context, made: MemberFacts & { password: string }): void {
  const { id, name, role, password } = made;
  context.out.result(made, () => facts({ id, name, role, password }));
  context.out.note('Hand the password over now: it is not shown again, and has to be changed with the next sign-in.');
}

async function membersOf(client: ApiClient, business: string | undefined): Promise<MemberFacts[]> {
  const query = business === undefined ? '' : `?business_id=${await businessNamed(client, business)}`;
  const items: MemberFacts[] = [];
  for await (const item of client.items<MemberFacts>(`/members${query}`)) items.push(item);
  return items;
}

/** The member an id or a name means. @throws CommandFailed when there is none */
async function memberNamed(client: ApiClient, ref: string, business: string | undefined): Promise<MemberFacts> {
  if (/^[0-9]+$/.test(ref)) {
    if (business !== undefined) throw usageError('an id needs no --business', 'Leave it out, or give a name.');
    return client.native('GET', `/members/${identifier(ref)}`);
  }
  const found = (await membersOf(client, business)).find(({ name }) => name === ref);
  if (found !== undefined) return found;
  const where = business === undefined ? 'the staff' : business;
  throw new CommandFailed(
    `no member of ${where} is called ${ref}`,
    'See "signet member list"; name a --business for others.',
    {
      code: 'memberNotFound',
    },
  );
}

async function businessNamed(client: ApiClient, name: string): Promise<number> {
  const path = `/businesses/${encodeURIComponent(name)}`;
  return (await client.native<{ business_id: number }>('GET', path)).business_id;
}
