import type { ApprovedVersion, Reviewed } from '../domain/review.ts';
import type { Signature } from '../domain/signature.ts';
import type { Template } from '../domain/template.ts';
import type { Reader, ReviewItem } from '../store/store.ts';

/** What waits for a reviewer, with the version of it that was approved last; null: none was. */
export type Waiting<T> = ReviewItem<T> & { approved: ApprovedVersion | null };

/** A template that waits, and the text of the signature it is sent with; null: it has none. */
export type WaitingTemplate = Waiting<Template> & { signature: string | null };

/** Signatures and templates that wait for a reviewer, each in the order of their ids after a cursor. */
export async function reviewQueue(
  reader: Reader,
  input: { signaturesAfter: number; templatesAfter: number; limit: number },
): Promise<{ signatures: Waiting<Signature>[]; templates: WaitingTemplate[] }> {
  return {
    signatures: await withApproved(
      reader,
      'signature',
      await reader.signatures.pending(input.signaturesAfter, input.limit),
    ),
    templates: await withSignature(
      reader,
      await withApproved(reader, 'template', await reader.templates.pending(input.templatesAfter, input.limit)),
    ),
  };
}

async function withSignature(reader: Reader, waiting: Waiting<Template>[]): Promise<WaitingTemplate[]> {
  const texts = new Map<number | null, string | null>([[null, null]]);
  for (const { signatureId } of waiting.map(({ item }) => item)) {
    if (texts.has(signatureId)) continue;
    texts.set(signatureId, (await reader.signatures.byId(signatureId!))?.text ?? null);
  }
  return waiting.map((each) => ({ ...each, signature: texts.get(each.item.signatureId) ?? null }));
}

async function withApproved<T extends { id: number }>(
  reader: Reader,
  kind: Reviewed,
  items: ReviewItem<T>[],
): Promise<Waiting<T>[]> {
  const approved = await reader.approved.of(
    kind,
    items.map(({ item }) => item.id),
  );
  return items.map(({ item, businessName }) => ({ item, businessName, approved: approved.get(item.id) ?? null }));
}
