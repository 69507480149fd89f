import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  checkSmppSettings,
  completeSmppSettings,
  DEFAULT_SMPP_SETTINGS,
  SMPP_SETTING_LIST,
  type SmppSettings,
  settingsOfWire,
  statusNumber,
  wireOfSettings,
} from './smpp-settings.ts';

const NEEDED = { host: 'smsc.example', port: 2775, systemId: 'us', password: 'hush' };
const settings = (more: Partial<SmppSettings> = {}): SmppSettings => ({ ...DEFAULT_SMPP_SETTINGS, ...NEEDED, ...more });

describe('the settings of an SMPP channel', () => {
  it('that were kept before others were added have the defaults of those', () => {
    expect(completeSmppSettings({ ...NEEDED, window: 7 })).toEqual(settings({ window: 7 }));
    expect(completeSmppSettings({ ...NEEDED, receipts: true })).toEqual(settings());
    expect(completeSmppSettings({ ...NEEDED, receipts: false })).toEqual(settings({ registeredDelivery: 'none' }));
  });

  it('go to the wire under its names, but for the secrets, and come back', () => {
    const shown = wireOfSettings(settings({ tlsKey: 'k', responseTimeoutMs: 500 }));
    expect(shown).toMatchObject({ system_id: 'us', response_timeout_ms: 500, tls_ca: '', rate: null });
    expect(Object.keys(shown)).not.toEqual(expect.arrayContaining(['password']));
    expect(shown).not.toHaveProperty('tls_key');
    expect(settingsOfWire({ system_id: 'me', rate: null, unknown: 1 })).toEqual({ systemId: 'me', rate: null });
  });

  it.each<[Partial<SmppSettings>, string]>([
    [{ senders: { acme: 'Acme' } }, 'smpp.senders'],
    [{ statusOutcomes: { ESME_NOPE: 'later' } }, 'smpp.status_outcomes'],
    [{ statusOutcomes: { '0': 'later' } }, 'smpp.status_outcomes'],
    [{ statusOutcomes: { '4294967296': 'later' } }, 'smpp.status_outcomes'],
    [{ tlsCertificate: 'pem' }, 'smpp.tls_certificate'],
    [{ tlsKey: 'pem' }, 'smpp.tls_certificate'],
    [{ interfaceVersion: '3.3', longMessages: 'sar' }, 'smpp.long_messages'],
    [{ interfaceVersion: '3.3', userMessageReference: true }, 'smpp.user_message_reference'],
  ])('%j are refused', (more, field) => {
    expect(() => checkSmppSettings(settings(more))).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ code: 'invalidField', field }) }),
    );
  });

  it('that go together are not', () => {
    checkSmppSettings(settings());
    checkSmppSettings(
      settings({ senders: { '2': 'Two' }, statusOutcomes: { ESME_RSYSERR: 'never', '0x401': 'later' } }),
    );
    checkSmppSettings(settings({ tlsCertificate: 'pem', tlsKey: 'pem', interfaceVersion: '3.3' }));
  });

  it('stand in the documents, each', () => {
    const page = readFileSync(new URL('../../../docs/operating/smpp.md', import.meta.url), 'utf8');
    expect(SMPP_SETTING_LIST.filter(({ wire }) => !page.includes(`\`${wire}\``))).toEqual([]);
  });

  it('name a status by name, number or hexadecimal number', () => {
    expect(['ESME_RTHROTTLED', '88', '0x58', '0x', 'x', ''].map(statusNumber)).toEqual([
      0x58,
      0x58,
      0x58,
      null,
      null,
      null,
    ]);
  });
});
