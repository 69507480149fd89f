import type { HttpDeps } from '../deps.ts';
import { endpointsOf } from './api.ts';
import { openApiDocument } from './openapi.ts';

/** Stands for anything: routes are described without a house, which they need only when they are called. */
const anything: HttpDeps = new Proxy(() => {}, { get: () => anything, apply: () => anything }) as never;

/** The OpenAPI document of the native API, without a server: the console's types are made from it. */
export const nativeDocument = (version: string) => openApiDocument(endpointsOf(anything), '/api/v1', version);
