import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

const linesOf = async (metrics: ReturnType<typeof createMetrics>, name: string) =>
  (await metrics.expose()).text.split('\n').filter((line) => line.includes(name));

describe('metrics', () => {
  it('keeps one counter a set of labels, whoever asks for it', async () => {
    const metrics = createMetrics();
    metrics.counter('x_total', 'Things.', { kind: 'a' }).add();
    metrics.counter('x_total', 'Things.', { kind: 'a' }).add(2);
    metrics.counter('x_total', 'Things.', { kind: 'b' }).add();
    expect(await linesOf(metrics, 'x_total')).toEqual([
      '# HELP x_total Things.',
      '# TYPE x_total counter',
      'x_total{kind="a"} 3',
      'x_total{kind="b"} 1',
    ]);
  });

  it('refuses one name for two kinds of thing', () => {
    const metrics = createMetrics();
    metrics.counter('x', 'Things.');
    expect(() => metrics.gauge('x', 'Things.', () => 1)).toThrow('x is a counter, not a gauge');
  });

  it('reads gauges when somebody looks', async () => {
    const metrics = createMetrics();
    let depth = 1;
    metrics.gauge('depth', 'Depth.', () => depth);
    metrics.gauge('lanes', 'Lanes.', () => [
      { labels: { lane: 'fast' }, value: 2 },
      { labels: { lane: 'slow' }, value: 3 },
    ]);
    depth = 7;
    expect((await linesOf(metrics, 'depth')).at(-1)).toBe('depth 7');
    expect((await linesOf(metrics, 'lanes')).slice(2)).toEqual(['lanes{lane="fast"} 2', 'lanes{lane="slow"} 3']);
  });

  it('counts a value in every bucket it fits; a bound belongs to its bucket', async () => {
    const metrics = createMetrics();
    const histogram = metrics.histogram('took', 'Time.', [0.5, 1], { route: '/' });
    for (const value of [0.25, 0.5, 1, 8]) histogram.observe(value);
    expect((await linesOf(metrics, 'took')).slice(2)).toEqual([
      'took_bucket{route="/",le="0.5"} 2',
      'took_bucket{route="/",le="1"} 3',
      'took_bucket{route="/",le="+Inf"} 4',
      'took_sum{route="/"} 9.75',
      'took_count{route="/"} 4',
    ]);
  });

  it('shows what is counted elsewhere when somebody looks', async () => {
    const metrics = createMetrics();
    let parts = 1;
    metrics.counters('parts_total', 'Parts.', () => [{ labels: { bind: '1' }, value: parts }]);
    metrics.histograms('took', 'Time.', () => [
      { labels: { bind: '1' }, buckets: [[0.5, 2] as const, [1, 3] as const], sum: 9, count: 4 },
    ]);
    parts = 5;
    expect(await linesOf(metrics, 'parts_total')).toEqual([
      '# HELP parts_total Parts.',
      '# TYPE parts_total counter',
      'parts_total{bind="1"} 5',
    ]);
    expect((await linesOf(metrics, 'took')).slice(1)).toEqual([
      '# TYPE took histogram',
      'took_bucket{bind="1",le="0.5"} 2',
      'took_bucket{bind="1",le="1"} 3',
      'took_bucket{bind="1",le="+Inf"} 4',
      'took_sum{bind="1"} 9',
      'took_count{bind="1"} 4',
    ]);
  });

  it('escapes label values', async () => {
    const metrics = createMetrics();
    metrics.counter('x_total', 'Things.', { says: 'a "b"\\\n' }).add();
    expect((await linesOf(metrics, 'x_total')).at(-1)).toBe('x_total{says="a \\"b\\"\\\\\\n"} 1');
  });

  it('shows the process itself', async () => {
    const { text, contentType } = await createMetrics().expose();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(/^process_resident_memory_bytes /m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(text.endsWith('\n')).toBe(true);
  });
});
