import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { paletteOf, seriesOf } from '../look/theme.ts';

use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** One line of a chart. */
export interface Line {
  name: string;
  /** A number: that of the series of colours. */
  tone: 'brand' | 'good' | 'bad' | 'calm' | 'quiet' | number;
  /** Milliseconds since 1970, or the place of a period, and a value, in order. */
  points: readonly (readonly [at: number, value: number])[];
  /** Whether what lies below it is filled. */
  filled?: boolean;
  /** As bars: for counts of spans rather than values of moments. */
  bars?: boolean;
  /** As bars: on top of each other. */
  stacked?: boolean;
}

interface Props {
  lines: readonly Line[];
  dark: boolean;
  /** What it shows, for those who do not see it. */
  label: string;
  height?: number;
  /** What stands below it. */
  below: Span | Periods;
}

/** Moments. */
interface Span {
  /** How a time is written. */
  timeText: (ms: number) => string;
  /** In milliseconds since 1970. */
  from: number;
  until: number;
}

/** Spans of time by name, one beside the other, also those in which nothing was. */
interface Periods {
  periods: readonly string[];
}

/** Values over time. In a file of its own, so that only screens with a chart fetch the library. */
export default function Chart({ lines, dark, label, height = 220, below }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  useEffect(() => {
    const element = place.current!;
    const made = init(element);
    chart.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    const palette = paletteOf(dark);
    const colourOf = (tone: Line['tone']) => (typeof tone === 'number' ? seriesOf(dark)[tone] : palette[tone]);
    chart.current?.setOption(
      {
        animation: false,
        grid: { left: 8, right: 12, top: 14, bottom: 6, containLabel: true },
        // Tooltips made of HTML would carry styles that the page's policy forbids.
        tooltip: {
          trigger: 'axis',
          renderMode: 'richText',
          backgroundColor: palette.raised,
          borderColor: palette.line,
          textStyle: { color: palette.ink, fontSize: 12 },
          axisPointer: { lineStyle: { color: palette.quiet } },
        },
        xAxis: {
          ...('periods' in below
            ? { type: 'category', data: [...below.periods] }
            : { type: 'time', min: below.from, max: below.until }),
          axisLine: { lineStyle: { color: palette.line } },
          axisTick: { show: false },
          axisLabel: {
            color: palette.quiet,
            hideOverlap: true,
            ...('timeText' in below && { formatter: below.timeText }),
          },
          splitLine: { show: false },
        },
        yAxis: {
          type: 'value',
          min: 0,
          minInterval: 1,
          axisLabel: { color: palette.quiet },
          splitLine: { lineStyle: { color: palette.line } },
        },
        series: lines.map(({ name, tone, points, filled, bars, stacked }) =>
          bars
            ? {
                name,
                type: 'bar',
                barMaxWidth: 26,
                ...(stacked ? { stack: 'all' } : { itemStyle: { borderRadius: [3, 3, 0, 0] } }),
                color: colourOf(tone)!,
                data: points,
              }
            : {
                name,
                type: 'line',
                showSymbol: false,
                smooth: 0.25,
                lineStyle: { width: 2 },
                color: colourOf(tone)!,
                ...(filled && { areaStyle: { opacity: 0.12 } }),
                data: points,
              },
        ),
      },
      { replaceMerge: ['series'] },
    );
  }, [lines, dark, below]);
  return <div ref={place} role="img" aria-label={label} style={{ height }} />;
}
