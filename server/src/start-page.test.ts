import { describe, expect, test } from 'vitest';
import { type StartFacts, startPage } from './start-page.ts';

const FACTS: StartFacts = {
  version: '1.2.3',
  url: 'http://0.0.0.0:5000',
  publicUrl: null,
  takesRequests: true,
  rootPassword: null,
  rootPasswordGiven: true,
  simulatorPort: null,
  settings: [['SIGNET_PORT', '5000', 'default']],
  reached: { store: '/data/signet.db', storeBytes: 1, freeDiskBytes: 1e9, channels: [] },
  examplePassword: 'made-up-anew',
};

describe('the start page', () => {
  test('tells where it listens, where the console is, and how a first message is sent', () => {
    const page = startPage(FACTS);
    expect(page).toContain('Signet 1.2.3 is up at http://0.0.0.0:5000\n');
    expect(page).toContain('Console: open http://0.0.0.0:5000 in');
    expect(page).toContain('http://0.0.0.0:5000/v1/message -d');
  });

  test('names the address that people reach it at', () => {
    const page = startPage({ ...FACTS, publicUrl: 'https://sms.example.net' });
    expect(page).toContain('is up at http://0.0.0.0:5000\n');
    expect(page).toContain('Console: open https://sms.example.net in');
    expect(page.match(/curl .*/g)!.every((line) => line.includes(' https://sms.example.net/'))).toBe(true);
  });

  test('sends nobody to a process that only sends', () => {
    const page = startPage({ ...FACTS, takesRequests: false });
    expect(page).toContain('is up at');
    expect(page).not.toMatch(/Console|first message|curl/);
  });

  test('shows a new password of the administrator once, and none that was given', () => {
    expect(startPage({ ...FACTS, rootPassword: 'new-one', rootPasswordGiven: false })).toContain(
      'new-one   (shown this once',
    );
    expect(startPage(FACTS)).toContain('"root:$SIGNET_ROOT_PASSWORD"');
  });
});
