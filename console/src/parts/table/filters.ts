import { useLocation, useNavigate } from '@tanstack/react-router';

/** What a page shows of a list, as it stands in its address: texts by name. */
export type Filters<K extends string> = { [name in K]?: string };

/** Reads these names from an address, and nothing else. For a route's `validateSearch`. */
export const filtersOf =
  <K extends string>(...names: K[]) =>
  (search: Record<string, unknown>): Filters<K> => {
    const found: Filters<K> = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' && value !== '') found[name] = value;
    }
    return found;
  };

/**
 * The filters in the address of this page, and a way to change them. A change begins the list anew, unless it is about
 * the place in the list itself.
 */
export function useFilters<K extends string>(): [Filters<K>, (change: Filters<K | 'cursor'>) => void] {
  const filters = useLocation().search as Filters<K>;
  const navigate = useNavigate();
  const change = (changed: Filters<K | 'cursor'>) => {
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => {
        const next: Record<string, unknown> = { ...before, cursor: undefined, ...changed };
        return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== ''));
      },
    } as never);
  };
  return [filters, change];
}
