import { open, readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomSecret } from '../lib/random.ts';

/** What the page has where its nonce belongs. */
const NONCE_PLACE = /__NONCE__/g;
const NONCE_BITS = 128;
const PAGE = 'index.html';

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** The names of assets carry a hash of what they hold. */
const ONE_YEAR = 'public, max-age=31536000, immutable';

/** The built console, as far as it is kept in memory. */
export interface BuiltConsole {
  directory: string;
  page: string;
  /** First parts of the addresses that are the console's. */
  paths: ReadonlySet<string>;
  /** Files below `assets/`, with whether each has a compressed twin. */
  assets: ReadonlyMap<string, { compressed: boolean }>;
}

/**
 * The console in a directory, as it was built last: a build under a running server shows with the next page. While one is
 * being put in place, the one before is served.
 */
export class ConsoleFiles {
  readonly #directory: string;
  #built: BuiltConsole;
  #madeAt: number;

  private constructor(directory: string, built: BuiltConsole, madeAt: number) {
    this.#directory = directory;
    this.#built = built;
    this.#madeAt = madeAt;
  }

  /** Reads what a build left in a directory; null when there is none. */
  static async in(directory: string): Promise<ConsoleFiles | null> {
    const madeAt = await pageTime(directory);
    const built = await read(directory);
    return built === null ? null : new ConsoleFiles(directory, built, madeAt);
  }

  /** What is there now. */
  async current(): Promise<BuiltConsole> {
    const madeAt = await pageTime(this.#directory);
    if (madeAt !== 0 && madeAt !== this.#madeAt) {
      const built = await read(this.#directory);
      if (built !== null) {
        this.#built = built;
        this.#madeAt = madeAt;
      }
    }
    return this.#built;
  }

  /** Whether an address is one of its pages, as far as is known without looking. */
  hasPage(url: string): boolean {
    const [, first = ''] = /^\/([^/?#]*)/.exec(url) ?? [];
    return first === '' || this.#built.paths.has(first);
  }
}

/** When the page was written; 0: there is none. */
const pageTime = async (directory: string): Promise<number> =>
  (await stat(join(directory, PAGE)).catch(orNull))?.mtimeMs ?? 0;

/** Of what is not there, nothing. */
function orNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

async function read(directory: string): Promise<BuiltConsole | null> {
  try {
    const page = await readFile(join(directory, PAGE), 'utf8');
    const paths = JSON.parse(await readFile(join(directory, 'paths.json'), 'utf8')) as string[];
    const names = new Set(await readdir(join(directory, 'assets')));
    const assets = [...names].filter((name) => !name.endsWith('.gz'));
    return {
      directory,
      page,
      paths: new Set(paths),
      assets: new Map(assets.map((name) => [name, { compressed: names.has(`${name}.gz`) }])),
    };
  } catch (error) {
    return orNull(error as NodeJS.ErrnoException);
  }
}

/**
 * What a page of the console may do: run its own files and nothing else, speak to this server alone, and stand in no
 * frame. Styles made while it runs carry the page's nonce; pictures may also be ones it has just been given.
 */
const policyWith = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Whether a request is a person's who looks for a page. */
export const wantsPage = ({ method, headers }: FastifyRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');

/** Answers with the console's page; the browser asks for it anew each time. */
export function sendPage(reply: FastifyReply, { page }: BuiltConsole): FastifyReply {
  const nonce = randomSecret(NONCE_BITS);
  return reply
    .code(200)
    .headers({
      'cache-control': 'no-cache',
      'content-security-policy': policyWith(nonce),
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      vary: 'accept',
    })
    .type('text/html; charset=utf-8')
    .send(page.replace(NONCE_PLACE, nonce));
}

/** Serves the console's own files. Names are looked up in a list, so none leads out of their directory. */
export function serveAssets(app: FastifyInstance, files: ConsoleFiles, orElse: Missing): void {
  app.get<{ Params: { name: string } }>('/assets/:name', { exposeHeadRoute: true }, async (request, reply) => {
    const { name } = request.params;
    const { directory, assets } = await files.current();
    const asset = assets.get(name);
    if (asset === undefined) return orElse(request, reply);
    const compressed = asset.compressed && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    // Another build may have taken its place since the list was read.
    const file = await open(join(directory, 'assets', compressed ? `${name}.gz` : name)).catch(orNull);
    if (file === null) return orElse(request, reply);
    reply.headers({
      'cache-control': ONE_YEAR,
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
    });
    if (compressed) reply.header('content-encoding', 'gzip');
    return reply.send(file.createReadStream());
  });
}

type Missing = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
