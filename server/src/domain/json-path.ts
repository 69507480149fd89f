/** Names and positions with dots between: `data.0.code`. */
export const JSON_PATH = /^(?:[^.\s]{1,64}(?:\.[^.\s]{1,64}){0,15})?$/;

/** What stands at a path of a JSON value; undefined when nothing does. The empty path is the value as a whole. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  let at = value;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** The text, number or truth value at a path as a text; empty when there is none. */
export function textAt(value: unknown, path: string): string {
  const found = valueAt(value, path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
}
