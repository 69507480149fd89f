import type { Static, TObject, TSchema } from 'typebox';
import type { Actor, Permission } from '../../domain/credential.ts';
import { Nothing } from './fields.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Where an endpoint stands in the document. */
export type Tag =
  | 'account'
  | 'businesses'
  | 'api-keys'
  | 'channels'
  | 'plans'
  | 'messages'
  | 'signatures'
  | 'templates'
  | 'review'
  | 'events'
  | 'system';

/** One request, checked: who asks, and what. */
export interface Call<P, Q, B> {
  actor: Actor;
  params: P;
  query: Q;
  body: B;
}

/** What a route takes and gives, as data: the server and the OpenAPI document are both made from it. */
export interface Endpoint {
  method: Method;
  /** In Fastify's form, `/plans/:id`. */
  path: string;
  tag: Tag;
  /** One line: what it does. */
  summary: string;
  /** Whether only the administrator may call it. */
  admin: boolean;
  /** What an API key must be allowed to do; null: any key will do. */
  permission: Permission | null;
  params: TObject;
  query: TObject;
  body: TObject;
  status: 200 | 201 | 204;
  /** Null: the answer has no body. */
  answer: TSchema | null;
  handle(call: Call<unknown, unknown, unknown>): Promise<unknown>;
}

type Empty = typeof Nothing;

interface Description<P extends TObject, Q extends TObject, B extends TObject, A extends TSchema | null> {
  tag: Tag;
  summary: string;
  admin?: boolean;
  permission?: Permission | null;
  params?: P;
  query?: Q;
  body?: B;
  status?: 200 | 201 | 204;
  answer: A;
}

/** Describes a route. Without `permission`, an API key needs `read` to look and `manage` to change. */
export function endpoint<
  A extends TSchema | null,
  P extends TObject = Empty,
  Q extends TObject = Empty,
  B extends TObject = Empty,
>(
  route: `${Method} /${string}`,
  description: Description<P, Q, B, A>,
  handle: (call: Call<Static<P>, Static<Q>, Static<B>>) => Promise<A extends TSchema ? Static<A> : void>,
): Endpoint {
  const [method, path] = route.split(' ') as [Method, string];
  return {
    method,
    path,
    admin: false,
    permission: method === 'GET' ? 'read' : 'manage',
    params: Nothing,
    query: Nothing,
    body: Nothing,
    status: description.answer === null ? 204 : 200,
    ...description,
    handle: handle as Endpoint['handle'],
  };
}
