/** A way of loading both peers alike. */
export interface Scenario {
  name: string;
  title: string;
  numbersPerRequest: number;
  receipts: boolean;
  /** How many times the other peer's rate ours has to be. */
  bar: number;
  /** Messages of one run, by the name of the peer: each is to take some seconds. */
  messages: Readonly<Record<string, number>>;
}

/** End to end, HTTP to SMSC (and the reports back to the sink). */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'single',
    title: '1 number a request',
    numbersPerRequest: 1,
    receipts: false,
    bar: 1.3,
    messages: { Signet: 80_000, Kannel: 50_000 },
  },
  {
    name: 'bulk',
    title: '100 numbers a request',
    numbersPerRequest: 100,
    receipts: false,
    bar: 5,
    messages: { Signet: 500_000, Kannel: 80_000 },
  },
  {
    name: 'single-receipts',
    title: '1 number a request, receipts',
    numbersPerRequest: 1,
    receipts: true,
    bar: 2,
    messages: { Signet: 50_000, Kannel: 15_000 },
  },
  {
    name: 'bulk-receipts',
    title: '100 numbers a request, receipts',
    numbersPerRequest: 100,
    receipts: true,
    bar: 10,
    messages: { Signet: 300_000, Kannel: 15_000 },
  },
];
