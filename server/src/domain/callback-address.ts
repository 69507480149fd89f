/** How callbacks come to a channel: the secret part of their address, made by the server. */
export interface CallbackAddress {
  callbackToken: string;
  /** The one before, which still works until a time, milliseconds since 1970; null: there is none. */
  earlierCallback: { token: string; until: number } | null;
}

/** Most and usual time in which both addresses work. */
export const CALLBACK_OVERLAP_HOURS = { max: 720, usual: 24 } as const;

/** A new address; the present one works on until a time, and one before it ends now. */
export const renewedCallback = (
  { callbackToken }: CallbackAddress,
  token: string,
  at: number,
  until: number,
): CallbackAddress => ({
  callbackToken: token,
  earlierCallback: until <= at ? null : { token: callbackToken, until },
});
