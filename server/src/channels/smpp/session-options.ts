import type { BindType, EsmeOptions } from '@signet/smpp';
import type { SmppSettings } from '../../domain/smpp-settings.ts';

/** SMPP 3.4 §5.2.4; 5.0 §4.7.13. */
const INTERFACE_VERSIONS = { '3.3': 0x33, '3.4': 0x34, '5.0': 0x50 } as const;

/** How a session of a channel connects and binds. */
export function sessionOptions(
  settings: SmppSettings,
  bindType: BindType,
  mayWrite: (() => boolean) | null,
): EsmeOptions {
  const { host, port, window, responseTimeoutMs, enquireLinkMs } = settings;
  return {
    host,
    port,
    tls: tlsOptions(settings),
    bindType,
    system_id: settings.systemId,
    password: settings.password,
    system_type: settings.systemType,
    interface_version: INTERFACE_VERSIONS[settings.interfaceVersion],
    addr_ton: settings.addrTon,
    addr_npi: settings.addrNpi,
    address_range: settings.addressRange,
    window,
    responseTimeoutMs,
    enquireLinkMs,
    ...(mayWrite === null ? {} : { mayWrite }),
  };
}

function tlsOptions(settings: SmppSettings): EsmeOptions['tls'] {
  if (!settings.tls) return false;
  return {
    rejectUnauthorized: settings.tlsVerify,
    ...(settings.tlsServerName === '' ? {} : { servername: settings.tlsServerName }),
    ...(settings.tlsCa === '' ? {} : { ca: settings.tlsCa }),
    ...(settings.tlsCertificate === '' ? {} : { cert: settings.tlsCertificate, key: settings.tlsKey }),
  };
}
