import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';

/** The text of a template's signature; null while it is not known, and where there is none. */
export function useSignatureText({ signature_id }: Schemas['Template']): string | null {
  const { data } = useLook(
    'GET /signatures/{id}',
    { path: { id: String(signature_id) } },
    { enabled: signature_id !== null },
  );
  return signature_id === null ? null : (data?.signature ?? null);
}
