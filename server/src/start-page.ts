/** What a house could reach. */
export interface Reached {
  /** The path of its file, or the address of its database. */
  store: string;
  /** Null: it is no file here. */
  storeBytes: number | null;
  freeDiskBytes: number;
  channels: { name: string; address: string; link: string }[];
}

/** What the start page tells. */
export interface StartFacts {
  version: string;
  /** Where it listens. */
  url: string;
  /** Where people and programs reach it; null: where it listens. */
  publicUrl: string | null;
  /** Whether it takes requests: one that only sends has no console, and no first message is sent to it. */
  takesRequests: boolean;
  rootPassword: string | null;
  rootPasswordGiven: boolean;
  simulatorPort: number | null;
  settings: [name: string, value: string, source: string][];
  reached: Reached;
  /** Password of the example's business: made up anew each time, since one that stands in a page would be everybody's. */
  examplePassword: string;
}

/** The page printed when a server is up: where it is, how to sign in, and commands that send a first message. */
export function startPage(facts: StartFacts): string {
  const lines = [`Signet ${facts.version} is up at ${facts.url}`, ''];
  const width = Math.max(...facts.settings.map(([name]) => name.length));
  for (const [name, value, source] of facts.settings) lines.push(`  ${name.padEnd(width)}  ${value}  (${source})`);
  lines.push('', ...reachedLines(facts.reached), '');
  if (facts.rootPassword !== null) {
    lines.push(`  Administrator: root`, `  Password:      ${facts.rootPassword}   (shown this once; keep it)`, '');
  }
  const address = facts.publicUrl ?? facts.url;
  if (facts.takesRequests) {
    lines.push(`  Console: open ${address} in a browser and sign in; First steps leads to a first message.`, '');
  }
  if (facts.simulatorPort !== null) {
    lines.push(
      `  SIMULATED: there has never been a channel, so a built-in SMSC (127.0.0.1:${facts.simulatorPort}) takes every message.`,
      '  Nothing reaches a phone until a carrier is added: npx signet channel add smpp …',
      '',
    );
  }
  if (facts.takesRequests) lines.push(...firstMessage(address, facts), '');
  return `${lines.join('\n')}\n`;
}

function reachedLines({ store, storeBytes, freeDiskBytes, channels }: Reached): string[] {
  const free = `${megabytes(freeDiskBytes)} MB free`;
  const lines = [
    storeBytes === null
      ? `  Store    ${store}; ${free} on the disk of the data directory`
      : `  Store    ${store} (${megabytes(storeBytes)} MB), ${free} on its disk`,
  ];
  for (const { name, address, link } of channels) lines.push(`  Channel  ${name} at ${address}: ${link}`);
  if (channels.length === 0) lines.push('  Channel  none');
  return lines;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

function firstMessage(url: string, { rootPassword, rootPasswordGiven, examplePassword }: StartFacts): string[] {
  const password = rootPassword ?? (rootPasswordGiven ? '$SIGNET_ROOT_PASSWORD' : '<root password>');
  const post = (path: string, user: string, body: string) =>
    `  curl -su ${user} -H 'Content-Type: application/json' ${url}${path} -d '${body}'`;
  const root = `"root:${password}"`;
  const acme = `acme:${examplePassword}`;
  return [
    // The last two sends say the same through the tsms and the EngageLab API.
    'A first message without a browser, to paste (the ids are 1 on a new installation):',
    post('/api/v1/businesses', root, `{"name":"acme","password":"${examplePassword}","credits":100}`),
    post('/v1/signature', acme, '{"signature":"Acme","source":"company name"}'),
    post('/v2/signreview', root, '{"sign_id":1,"audit_status":"passed"}'),
    post(
      '/v1/template',
      acme,
      '{"name":"code","template":"Your code is {code}","type":1,"description":"sign-in","sign_id":1}',
    ),
    post('/v2/tempreview', root, '{"temp_id":1,"audit_status":"passed"}'),
    post('/v1/message', acme, '{"sign_id":1,"temp_id":1,"mobiles":["13800138000"],"params":{"code":"2468"}}'),
    post('/v1/messages', acme, '{"to":["+8613800138001"],"template":{"id":"1","params":{"code":1357}}}'),
    `  curl -su ${acme} ${url}/api/v1/messages`,
  ];
}
