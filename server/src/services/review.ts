import type { Signature } from '../domain/signature.ts';
import type { Template } from '../domain/template.ts';
import type { Reader, ReviewItem } from '../store/store.ts';

/** Signatures and templates that wait for a reviewer, each in the order of their ids after a cursor. */
export async function reviewQueue(
  reader: Reader,
  input: { signaturesAfter: number; templatesAfter: number; limit: number },
): Promise<{ signatures: ReviewItem<Signature>[]; templates: ReviewItem<Template>[] }> {
  return {
    signatures: await reader.signatures.pending(input.signaturesAfter, input.limit),
    templates: await reader.templates.pending(input.templatesAfter, input.limit),
  };
}
