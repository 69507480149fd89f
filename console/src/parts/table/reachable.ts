import { type RefObject, useEffect, useRef } from 'react';

/**
 * Makes tables that are wider than their place reachable by keyboard, so that they can be scrolled without a mouse.
 * @returns what goes around them
 */
export function useReachable(): RefObject<HTMLElement | null> {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    for (const wide of place.current?.querySelectorAll<HTMLElement>('.ant-table-content') ?? []) wide.tabIndex = 0;
  });
  return place;
}
