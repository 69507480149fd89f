import { parseTemplate } from '../../domain/template.ts';
import type { ApiClient } from '../client.ts';
import { CommandFailed, usageError } from '../failure.ts';
import type { World } from '../world.ts';
import { askPatiently, type Patience } from './patience.ts';

/** What a send has to know of the server before its first request. */
export interface SendFacts {
  /** ISO 3166-1 alpha-2 of numbers written without +. */
  country: string;
  /** The template's variables, each once; null when this key may not read it. */
  variables: string[] | null;
}

export interface FactsOptions extends Patience {
  signId: number;
  tempId: number;
  /** Given on the command line. */
  country: string | undefined;
}

/** Asks the server, waiting while it is away. @throws CommandFailed when the send would be refused as a whole */
export async function fetchFacts(client: ApiClient, world: World, options: FactsOptions): Promise<SendFacts> {
  const ask = <T>(path: string) => askPatiently<T>(client, world, options, path);
  const me = await ask<{ business_id: number }>('/me');
  const business =
    options.country === undefined ? await ask<{ default_country: string }>(`/businesses/${me!.business_id}`) : null;
  const country = options.country ?? business?.default_country;
  if (country === undefined) {
    throw usageError(
      'this key may not read which country bare numbers belong to',
      'Give --country, such as --country CN.',
    );
  }
  const template = await ask<{ template: string; signature_id: number | null }>(`/templates/${options.tempId}`);
  if (template === null) return { country, variables: null };
  if (template.signature_id !== options.signId) {
    throw new CommandFailed(
      `template ${options.tempId} does not belong to signature ${options.signId}`,
      template.signature_id === null ? 'It has no signature.' : `Its signature is ${template.signature_id}.`,
      { code: 'ER:0024' },
    );
  }
  return { country, variables: [...new Set(parseTemplate(template.template).names)] };
}
