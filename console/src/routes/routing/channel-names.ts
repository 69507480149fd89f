import { useLook } from '../../api/hooks.ts';

/** The names of channels by their ids, for lists that only know those. */
export function useChannelNames(): (id: number) => string {
  const { data } = useLook('GET /channels', { query: { limit: '1000' } });
  return (id) => data?.items.find((channel) => channel.id === id)?.name ?? String(id);
}

/** All channels, to choose from. */
export function useChannelChoice(): { value: number; label: string }[] {
  const { data } = useLook('GET /channels', { query: { limit: '1000' } });
  return (data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
}
