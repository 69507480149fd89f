import type { Channel, NewChannel } from '../../domain/channel.ts';
import type { Route } from '../../domain/route.ts';
import type { RouteFigure } from '../../domain/route-figure.ts';

export interface ChannelReader {
  byId(id: number): Promise<Channel | null>;
  byName(name: string): Promise<Channel | null>;
  list(): Promise<Channel[]>;
}

export interface ChannelWriter {
  insert(channel: NewChannel): Promise<number>;
  update(channel: Channel): Promise<void>;
  delete(id: number): Promise<void>;
}

export interface RouteReader {
  byId(id: number): Promise<Route | null>;
  byName(name: string): Promise<Route | null>;
  /** In their order. */
  list(): Promise<Route[]>;
  /** What routes did from an hour on, by route and channel, in the order of their ids. @param hour hours since 1970 */
  figures(hour: number): Promise<RouteFigure[]>;
}

export interface RouteWriter {
  /** Behind all others. */
  insert(route: Omit<Route, 'id'>): Promise<number>;
  update(route: Route): Promise<void>;
  /** What was counted of it goes along. */
  delete(id: number): Promise<void>;
  /** Puts them in this order, which names all of them. */
  reorder(ids: readonly number[]): Promise<void>;
  /** Adds to what is counted of an hour. */
  count(hour: number, figures: readonly RouteFigure[]): Promise<void>;
  /** What was counted before an hour is gone. */
  forgetFigures(before: number): Promise<void>;
}
