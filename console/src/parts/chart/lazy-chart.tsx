import { type ComponentProps, lazy, Suspense } from 'react';
import { useLookChoice } from '../look/look.tsx';

const Chart = lazy(() => import('./chart.tsx'));

/** A chart in the colours of the page; its library comes when it is needed. */
export function LazyChart(props: Omit<ComponentProps<typeof Chart>, 'dark'>) {
  const { dark } = useLookChoice();
  return (
    <Suspense fallback={<div style={{ height: props.height ?? 220 }} />}>
      <Chart {...props} dark={dark} />
    </Suspense>
  );
}
