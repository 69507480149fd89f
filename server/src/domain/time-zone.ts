/** What a business's local times are read and shown in, unless it says otherwise. */
export const DEFAULT_TIME_ZONE = 'UTC';

export const TIME_ZONE_RULE = 'a name of the IANA time zone database, such as Asia/Shanghai';

/** Whether the IANA time zone database has a zone of this name, as the runtime knows it. */
export function isTimeZone(name: string): boolean {
  // Offsets such as +08:00 are no zones: they know nothing of summer time.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
