import { DatePicker } from 'antd';
import type { DatePickerProps, RangePickerProps } from 'antd/es/date-picker';
import type { Dayjs } from 'dayjs';

export type DayProps = DatePickerProps<Dayjs, false>;
export type DaysProps = RangePickerProps;

export const Day = (props: DayProps) => <DatePicker {...props} />;
export const Days = (props: DaysProps) => <DatePicker.RangePicker {...props} />;
