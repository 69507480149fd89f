import { Input } from 'antd';
import { lazy, Suspense } from 'react';
import type { DayProps, DaysProps } from './pickers.tsx';

// Calendars are a large part of the components' library: a screen is shown without waiting for them.
const Day = lazy(() => import('./pickers.tsx').then(({ Day }) => ({ default: Day })));
const Days = lazy(() => import('./pickers.tsx').then(({ Days }) => ({ default: Days })));

/** Room of a field whose calendar is not there yet, so that nothing jumps. */
const room = (width: number) => <Input disabled style={{ width, maxWidth: '100%' }} />;

/** A field for a moment, a day or a month. */
export const DateField = (props: DayProps) => (
  <Suspense fallback={room(props.showTime ? 195 : 135)}>
    <Day {...props} />
  </Suspense>
);

/** A field for a time from one moment or day until another. */
export const RangeField = (props: DaysProps) => (
  <Suspense fallback={room(props.showTime ? 340 : 240)}>
    <Days {...props} />
  </Suspense>
);
