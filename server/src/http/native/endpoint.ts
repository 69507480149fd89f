import type { Readable } from 'node:stream';
import Type, { type Static, type TObject, type TSchema } from 'typebox';
import type { Actor, Permission } from '../../domain/credential.ts';
import type { MemberPermission } from '../../domain/role.ts';
import { Nothing } from './fields.ts';
import { type Access, neededFor } from './needs.ts';
import type { Visit } from './who.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Where an endpoint stands in the document. */
export type Tag =
  | 'account'
  | 'session'
  | 'members'
  | 'audit'
  | 'businesses'
  | 'api-keys'
  | 'channels'
  | 'prices'
  | 'routes'
  | 'figures'
  | 'plans'
  | 'messages'
  | 'inbound'
  | 'lists'
  | 'reports'
  | 'signatures'
  | 'templates'
  | 'review'
  | 'events'
  | 'webhooks'
  | 'tasks'
  | 'live'
  | 'system';

/** One request, checked: who asks, and what. */
export interface Call<P, Q, B> {
  actor: Actor;
  params: P;
  query: Q;
  body: B;
  /** The body, where it came as a file and not as JSON; then `body` is empty. */
  file: Readable | null;
  /** The Idempotency-Key header, checked; null without one. */
  idempotencyKey: string | null;
  /** The Last-Event-ID header of somebody who goes on with a stream; null without one. */
  lastEventId: string | null;
  /** Asks anew whether the request would be let in now: for answers that go on for long. @throws Refused */
  admittedStill(): Promise<void>;
  /** The browser or program that asks. */
  visit: Visit;
  /**
   * A piece of the answer as the caller may see it, numbers masked or not: for answers that are told piece by piece.
   * Answers in one piece are masked behind the endpoint.
   */
  shown<T>(piece: T): T;
  /** A person's number as the caller may see it. */
  shownNumber(number: string): string;
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
  /** What a member must be allowed to do; null: any member may. */
  needs: MemberPermission | null;
  access: Access;
  /** Whether its answer has people's numbers that cannot be masked: a member needs `numbers:reveal`, and it is logged. */
  wholeNumbers: boolean;
  params: TObject;
  query: TObject;
  body: TObject;
  status: 200 | 201 | 204;
  /** Null: the answer has no body. */
  answer: TSchema | null;
  /** The answer is a file of this type, streamed, and `answer` its text. */
  answerType: 'application/json' | 'text/csv' | 'text/event-stream';
  /** Whether the body may also be a file; the query then says what a JSON body says otherwise. */
  takesFile: boolean;
  handle(call: Call<unknown, unknown, unknown>): Promise<unknown>;
}

type Empty = typeof Nothing;

interface Description<P extends TObject, Q extends TObject, B extends TObject, A extends TSchema | null> {
  tag: Tag;
  summary: string;
  admin?: boolean;
  permission?: Permission | null;
  needs?: MemberPermission | null;
  access?: Access;
  wholeNumbers?: boolean;
  params?: P;
  query?: Q;
  body?: B;
  status?: 200 | 201 | 204;
  answer: A;
  takesFile?: boolean;
}

/**
 * Describes a route. Without `permission`, an API key needs `read` to look and `manage` to change; without `needs`, a
 * member needs what the tag says (needs.ts).
 */
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
    needs: neededFor(description.tag, method),
    access: 'signed in',
    wholeNumbers: false,
    params: Nothing,
    query: Nothing,
    body: Nothing,
    status: description.answer === null ? 204 : 200,
    answerType: 'application/json',
    takesFile: false,
    ...description,
    handle: handle as Endpoint['handle'],
  };
}

/** Describes a route that goes on telling (server-sent events); `answer` says what one of them looks like. */
export function streamEndpoint<A extends TSchema, Q extends TObject = Empty>(
  route: `GET /${string}`,
  description: Description<Empty, Q, Empty, A>,
  handle: (call: Call<Static<Empty>, Static<Q>, Static<Empty>>) => Promise<Readable>,
): Endpoint {
  return { ...endpoint(route, description, handle as never), answerType: 'text/event-stream' };
}

/** Describes a route that answers with a CSV file, piece by piece. */
export function csvEndpoint<P extends TObject = Empty, Q extends TObject = Empty>(
  route: `GET /${string}`,
  description: Omit<Description<P, Q, Empty, TSchema>, 'answer'>,
  handle: (call: Call<Static<P>, Static<Q>, Static<Empty>>) => Promise<Readable>,
): Endpoint {
  const answer = Type.String({ description: 'CSV (RFC 4180) in UTF-8 with a byte order mark' });
  return { ...endpoint(route, { ...description, answer }, handle as never), answerType: 'text/csv' };
}
