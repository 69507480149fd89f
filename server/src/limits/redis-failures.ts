import { sha256 } from '../lib/random.ts';
import type { FailureCount, FailureCounter, FailureCounts } from './limits.ts';
import type { Scripts } from './redis.ts';

/** Counts one more of each key where its ARGV has a window (ms), and tells what each stands at and when that ends. */
const SCRIPT = `
local told = {}
for i, key in ipairs(KEYS) do
  local window = tonumber(ARGV[i])
  local count
  if window > 0 then
    count = redis.call('INCR', key)
    if count == 1 then redis.call('PEXPIRE', key, window) end
  else
    count = tonumber(redis.call('GET', key) or '0')
  end
  told[#told + 1] = count
  told[#told + 1] = math.max(redis.call('PTTL', key), 0)
end
return told`;

/**
 * Failures that all processes count together. Each also counts what it sees itself, so that nobody gets new guesses because
 * Redis has gone or has forgotten; while it is away, that is all there is.
 */
export class RedisFailures implements FailureCounts {
  readonly #scripts: Scripts;
  readonly #prefix: string;
  readonly #own: FailureCounts;

  /** @param own what this process counts alone */
  constructor(scripts: Scripts, installation: string, own: FailureCounts) {
    this.#scripts = scripts;
    this.#prefix = `signet:{${installation}}:l`;
    this.#own = own;
  }

  async read(counters: readonly FailureCounter[]): Promise<FailureCount[]> {
    const own = await this.#own.read(counters);
    return this.#with(
      own,
      counters,
      counters.map(() => 0),
    );
  }

  async add(counters: readonly FailureCounter[]): Promise<FailureCount[]> {
    const own = await this.#own.add(counters);
    return this.#with(
      own,
      counters,
      counters.map(({ windowMs }) => windowMs),
    );
  }

  async #with(own: FailureCount[], counters: readonly FailureCounter[], windows: number[]): Promise<FailureCount[]> {
    // Names are whatever somebody typed, of any length, and nobody who looks into Redis has to see them.
    const keys = counters.map(({ key }) => `${this.#prefix}:${Buffer.from(sha256(key)).toString('base64url')}`);
    const told = await this.#scripts.run(SCRIPT, keys, windows.map(String)).then(
      (answer) => answer as number[],
      () => null,
    );
    if (told === null) return own;
    return own.map((alone, i) => {
      const shared = { count: told[2 * i]!, leftMs: told[2 * i + 1]! };
      return shared.count >= alone.count ? shared : alone;
    });
  }
}
