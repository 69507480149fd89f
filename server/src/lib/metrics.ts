import { collectDefaultMetrics, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

/** Something that only rises. */
export interface Counter {
  add(count?: number): void;
}

/** How large something was, each time it happened. */
export interface Histogram {
  observe(value: number): void;
}

/** A value and what it is about. */
export interface Sample {
  labels: Labels;
  value: number;
}

/** How often something had which size so far, and what it is about. */
export interface HistogramSample {
  labels: Labels;
  /** Upper bounds, rising, and how many were no larger. */
  buckets: readonly (readonly [bound: number, count: number])[];
  sum: number;
  count: number;
}

/**
 * The numbers a process shows to Prometheus. A counter or histogram is asked for once, by name and labels, and kept by
 * whoever counts: counting is then one addition and looks nothing up.
 */
export interface Metrics {
  /** @param name ends in `_total`; may be asked for again with other labels */
  counter(name: string, help: string, labels?: Labels): Counter;
  /** `read` is asked when somebody looks. */
  gauge(name: string, help: string, read: () => number | Iterable<Sample>): void;
  /** Something that only rises and is counted elsewhere: `read` is asked when somebody looks. */
  counters(name: string, help: string, read: () => Iterable<Sample>): void;
  /** The same for sizes. */
  histograms(name: string, help: string, read: () => Iterable<HistogramSample>): void;
  /** @param bounds upper bounds of the buckets, rising; the one without bound is added */
  histogram(name: string, help: string, bounds: readonly number[], labels?: Labels): Histogram;
  /** Everything, with process, memory, garbage collection and event loop delay, in Prometheus' text format 0.0.4. */
  expose(): Promise<{ contentType: string; text: string }>;
}

type Kind = 'counter' | 'gauge' | 'histogram';

interface Family {
  kind: Kind;
  help: string;
  /** One a set of labels: its lines. */
  series: Map<string, { lines(): string[] }>;
}

/** Numbers of one process, its own defaults included. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const families = new Map<string, Family>();

  /** The series of these labels; made by `create` when it is asked for the first time. */
  function series<S extends { lines(): string[] }>(
    name: string,
    kind: Kind,
    help: string,
    labels: string,
    create: () => S,
  ): S {
    let family = families.get(name);
    if (family === undefined) {
      family = { kind, help, series: new Map() };
      families.set(name, family);
    }
    if (family.kind !== kind) throw new Error(`${name} is a ${family.kind}, not a ${kind}`);
    let found = family.series.get(labels);
    if (found === undefined) {
      found = create();
      family.series.set(labels, found);
    }
    return found as S;
  }

  return {
    counter(name, help, labels = {}) {
      const text = labelText(labels);
      return series(name, 'counter', help, text, () => new CounterSeries(name, text));
    },
    gauge(name, help, read) {
      series(name, 'gauge', help, '', () => ({ lines: () => sampleLines(name, read()) }));
    },
    counters(name, help, read) {
      series(name, 'counter', help, '', () => ({ lines: () => sampleLines(name, read()) }));
    },
    histograms(name, help, read) {
      series(name, 'histogram', help, '', () => ({
        lines: () => [...read()].flatMap((each) => bucketLines(name, each)),
      }));
    },
    histogram(name, help, bounds, labels = {}) {
      const text = labelText(labels);
      return series(name, 'histogram', help, text, () => new HistogramSeries(name, bounds, text));
    },
    async expose() {
      const own: string[] = [];
      for (const [name, family] of families) {
        own.push(`# HELP ${name} ${family.help}`, `# TYPE ${name} ${family.kind}`);
        for (const each of family.series.values()) own.push(...each.lines());
      }
      return { contentType: registry.contentType, text: `${await registry.metrics()}${own.join('\n')}\n` };
    },
  };
}

class CounterSeries implements Counter {
  readonly #series: string;
  #value = 0;

  constructor(name: string, labels: string) {
    this.#series = name + braced(labels);
  }

  add(count = 1): void {
    this.#value += count;
  }

  lines(): string[] {
    return [`${this.#series} ${this.#value}`];
  }
}

class HistogramSeries implements Histogram {
  readonly #name: string;
  readonly #labels: string;
  readonly #bounds: readonly number[];
  /** How many fell into each bucket alone; the last has no bound. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(name: string, bounds: readonly number[], labels: string) {
    this.#name = name;
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++;
    this.#counts[bucket]! += 1;
    this.#sum += value;
  }

  lines(): string[] {
    let below = 0;
    const buckets = this.#bounds.map((bound, i): [number, number] => {
      below += this.#counts[i]!;
      return [bound, below];
    });
    const count = below + this.#counts[this.#bounds.length]!;
    return histogramLines(this.#name, this.#labels, buckets, this.#sum, count);
  }
}

const bucketLines = (name: string, { labels, buckets, sum, count }: HistogramSample): string[] =>
  histogramLines(name, labelText(labels), buckets, sum, count);

function histogramLines(
  name: string,
  labels: string,
  buckets: HistogramSample['buckets'],
  sum: number,
  count: number,
): string[] {
  const before = labels === '' ? '' : `${labels},`;
  const bounded = [...buckets, ['+Inf', count] as const];
  return [
    ...bounded.map(([bound, below]) => `${name}_bucket{${before}le="${bound}"} ${below}`),
    `${name}_sum${braced(labels)} ${sum}`,
    `${name}_count${braced(labels)} ${count}`,
  ];
}

function sampleLines(name: string, reading: number | Iterable<Sample>): string[] {
  const samples = typeof reading === 'number' ? [{ labels: {}, value: reading }] : [...reading];
  return samples.map(({ labels, value }) => `${name}${braced(labelText(labels))} ${value}`);
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`)
    .join(',');
}

const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`);
