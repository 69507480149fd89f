import type { ApiClient } from './client.ts';

/** The id of the business an option names, as a body or query carries it; nothing without the option. */
export async function businessIdOf(client: ApiClient, name: string | undefined): Promise<{ business_id?: number }> {
  if (name === undefined) return {};
  const path = `/businesses/${encodeURIComponent(name)}`;
  const { business_id } = await client.native<{ business_id: number }>('GET', path);
  return { business_id };
}

/** What was given, as the query of a path: empty, or from the question mark on. */
export function queryOf(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
