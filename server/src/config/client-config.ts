import { refuseUnknownNames } from './env.ts';
import { EnvironmentReader } from './values.ts';

/** What the environment means to the commands that talk to a running server. */
export interface ClientConfig {
  /** Base address, without a trailing slash. */
  url: string;
  user: string;
  /** Null: to be asked for. */
  password: string | null;
}

/** @throws ConfigError for an unknown SIGNET_* name or a value that cannot be used */
export function loadClientConfig(env: NodeJS.ProcessEnv): ClientConfig {
  refuseUnknownNames(env);
  const read = new EnvironmentReader(env);
  return {
    url: baseUrl(read.text('SIGNET_URL', URL_RULE, isHttpUrl)),
    user: read.text('SIGNET_USER', 'a user name or an API key', isUser),
    password: read.optionalText('SIGNET_PASSWORD', 'the password of that user', () => true),
  };
}

export const URL_RULE = 'an address like http://127.0.0.1:5000';

/** Whether a text is the base address of an HTTP server: no user, query or fragment. */
export function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && search + hash + username + password === '';
}

/** The address paths are appended to. */
export function baseUrl(text: string): string {
  return text.replace(/\/+$/, '');
}

/** RFC 7617 §2: a user name holds no colon and no control characters. */
export function isUser(text: string): boolean {
  return /^[^:\p{Cc}]+$/u.test(text);
}
