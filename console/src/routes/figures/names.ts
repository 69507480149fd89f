import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { useBusinessNames } from '../../parts/choose/business.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { useWords } from '../../words/index.tsx';
import type { Dimension } from './asked.ts';

export type Item = Schemas['Figures']['items'][number];

const MOST = '1000';

/** What people call that by which figures are told apart; ids, where names are not for them. */
export function useNames(group: readonly Dimension[]): (item: Item, dimension: Dimension) => string {
  const { states, figures: words } = useWords();
  const may = useMay();
  const staff = useMember().business_id === null;
  const format = useFormat();
  const businesses = useBusinessNames();
  const channels = useLook(
    'GET /channels',
    { query: { limit: MOST } },
    { enabled: staff && group.includes('channel') && may('channels:read') },
  );
  const templates = useLook(
    'GET /templates',
    { query: { limit: MOST } },
    { enabled: !staff && group.includes('template') && may('templates:read') },
  );
  return (item, dimension) => {
    switch (dimension) {
      case 'business':
        return businesses.get(item.business_id!) ?? String(item.business_id);
      case 'channel': {
        const id = item.channel_id ?? null;
        if (id === null) return words.noChannel;
        if (id === 0) return words.simulator;
        return channels.data?.items.find((each) => each.id === id)?.name ?? words.channelNumber(id);
      }
      case 'country':
        return item.country == null ? words.noCountry : format.country(item.country);
      case 'category':
        return states.category[item.category!];
      case 'template':
        return (
          templates.data?.items.find(({ id }) => id === item.template_id)?.name ||
          words.templateNumber(item.template_id!)
        );
    }
  };
}
