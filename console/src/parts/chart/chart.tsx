import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { paletteOf } from '../look/theme.ts';

use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** One line of a chart. */
export interface Line {
  name: string;
  tone: 'brand' | 'good' | 'bad' | 'calm' | 'quiet';
  /** Milliseconds since 1970 and a value, in order. */
  points: readonly (readonly [at: number, value: number])[];
  /** Whether what lies below it is filled. */
  filled?: boolean;
  /** As bars: for counts of spans rather than values of moments. */
  bars?: boolean;
}

interface Props {
  lines: readonly Line[];
  dark: boolean;
  /** What it shows, for those who do not see it. */
  label: string;
  height?: number;
  /** How a time is written below it. */
  timeText: (ms: number) => string;
  /** The span that is shown, in milliseconds since 1970. */
  from: number;
  until: number;
}

/** Values over time. In a file of its own, so that only screens with a chart fetch the library. */
export default function Chart({ lines, dark, label, height = 220, timeText, from, until }: Props) {
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
          type: 'time',
          min: from,
          max: until,
          axisLine: { lineStyle: { color: palette.line } },
          axisTick: { show: false },
          axisLabel: { color: palette.quiet, hideOverlap: true, formatter: timeText },
          splitLine: { show: false },
        },
        yAxis: {
          type: 'value',
          min: 0,
          minInterval: 1,
          axisLabel: { color: palette.quiet },
          splitLine: { lineStyle: { color: palette.line } },
        },
        series: lines.map(({ name, tone, points, filled, bars }) =>
          bars
            ? {
                name,
                type: 'bar',
                barMaxWidth: 26,
                itemStyle: { borderRadius: [3, 3, 0, 0] },
                color: palette[tone],
                data: points,
              }
            : {
                name,
                type: 'line',
                showSymbol: false,
                smooth: 0.25,
                lineStyle: { width: 2 },
                color: palette[tone],
                ...(filled && { areaStyle: { opacity: 0.12 } }),
                data: points,
              },
        ),
      },
      { replaceMerge: ['series'] },
    );
  }, [lines, dark, timeText, from, until]);
  return <div ref={place} role="img" aria-label={label} style={{ height }} />;
}
