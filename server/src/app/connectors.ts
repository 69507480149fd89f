import type { CallbackReader, ChannelListener, OutChannel } from '../channels/channel.ts';
import type { FlightLog } from '../channels/flight-log.ts';
import { EngagelabCallbacks, GenericCallbacks } from '../channels/http/callbacks.ts';
import { HttpConnector } from '../channels/http/connector.ts';
import { EngagelabProvider } from '../channels/http/engagelab.ts';
import { HttpExchanges } from '../channels/http/exchanges.ts';
import { GenericProvider } from '../channels/http/generic.ts';
import type { ChannelLogs } from '../channels/log/channel-logs.ts';
import { SmppConnector } from '../channels/smpp/connector.ts';
import type { CallbackAddress } from '../domain/callback-address.ts';
import { type Channel, callbackUrlOf, type KindAndSettings, SIMULATOR_CHANNEL_ID } from '../domain/channel.ts';
import type { Ground } from './ground.ts';

/** Makes the connector of a channel's kind. */
export function connectorOf(
  id: number,
  settings: KindAndSettings,
  deps: {
    listener: ChannelListener;
    flightLog: FlightLog;
    channelLogs: ChannelLogs;
    /** Null: it may always write. */
    mayWrite: (() => boolean) | null;
  },
  { config, clock, log }: Ground,
): OutChannel {
  const { listener, flightLog, channelLogs, mayWrite } = deps;
  // Nobody could ask for the log of the built-in simulator: it is no channel of the store.
  const exchangeLog = id === SIMULATOR_CHANNEL_ID ? null : channelLogs.of(id);
  const means = { listener, flightLog, exchangeLog, mayWrite, clock, log };
  switch (settings.kind) {
    case 'smpp':
      return new SmppConnector(id, settings.smpp, means);
    case 'http': {
      const { http } = settings;
      const provider = new GenericProvider(http, callbackUrlOf(config.publicUrl, http.callbackToken));
      return new HttpConnector(id, http, provider, means);
    }
    case 'engagelab': {
      const { engagelab } = settings;
      return new HttpConnector(id, engagelab, new EngagelabProvider(engagelab), means);
    }
  }
}

/** Who understands the callbacks of a channel. */
export function callbackReaderOf(
  channel: Channel,
  channelLogs: ChannelLogs,
  { clock }: Ground,
): { address: CallbackAddress; reader: CallbackReader } | null {
  const exchangeLog = channelLogs.of(channel.id);
  const exchanges = exchangeLog && new HttpExchanges(exchangeLog, clock);
  switch (channel.kind) {
    case 'smpp':
      return null;
    case 'http':
      return { address: channel.http, reader: new GenericCallbacks(channel.http, exchanges) };
    case 'engagelab':
      return { address: channel.engagelab, reader: new EngagelabCallbacks(channel.engagelab, exchanges) };
  }
}
