import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomSecret } from '../lib/random.ts';

/** What the page has where its nonce belongs. */
const NONCE_PLACE = /__NONCE__/g;
const NONCE_BITS = 128;

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

/** Reads what a build left in a directory; null when there is none. */
export async function builtConsole(directory: string): Promise<BuiltConsole | null> {
  try {
    const page = await readFile(join(directory, 'index.html'), 'utf8');
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
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
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

/** Whether an address is one of the console's. */
export function isConsolePath({ paths }: BuiltConsole, url: string): boolean {
  const [, first = ''] = /^\/([^/?#]*)/.exec(url) ?? [];
  return first === '' || paths.has(first);
}

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
export function serveAssets(app: FastifyInstance, { directory, assets }: BuiltConsole, orElse: Missing): void {
  app.get<{ Params: { name: string } }>('/assets/:name', { exposeHeadRoute: true }, (request, reply) => {
    const { name } = request.params;
    const asset = assets.get(name);
    if (asset === undefined) return orElse(request, reply);
    const compressed = asset.compressed && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    reply.headers({
      'cache-control': ONE_YEAR,
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
    });
    if (compressed) reply.header('content-encoding', 'gzip');
    return reply.send(createReadStream(join(directory, 'assets', compressed ? `${name}.gz` : name)));
  });
}

type Missing = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
