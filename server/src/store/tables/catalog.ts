import type { Content } from '../../domain/content.ts';
import type { Verdict } from '../../domain/review.ts';
import type { Signature } from '../../domain/signature.ts';
import type { Template } from '../../domain/template.ts';
import type { Page, Paged } from './page.ts';

/** A thing waiting for a reviewer, with whose it is. */
export interface ReviewItem<T> {
  item: T;
  businessName: string;
}

export interface SignatureReader {
  /** Deleted ones are null. */
  byId(id: number): Promise<Signature | null>;
  /** Newest first. Without `page`, all. */
  ofBusiness(businessId: number, page: Page | null): Promise<Paged<Signature>>;
  /** Whether a live signature of the business, but `except`, has exactly this text, code point by code point. */
  anyWithText(businessId: number, text: string, except: number | null): Promise<boolean>;
  /** In the order of their ids, after `cursor`. */
  pending(cursor: number, limit: number): Promise<ReviewItem<Signature>[]>;
}

export interface SignatureWriter {
  insert(signature: Omit<Signature, 'id' | 'version' | 'review' | 'rejectReason' | 'updatedAt'>): Promise<number>;
  /** New content, pending again, next version. */
  edit(id: number, edit: Pick<Signature, 'text' | 'source' | 'pics' | 'updatedAt'>): Promise<void>;
  review(id: number, verdict: Verdict, at: number): Promise<void>;
  /** Keeps the row for what was sent with it. */
  delete(id: number, at: number): Promise<void>;
}

export interface TemplateReader {
  byId(id: number): Promise<Template | null>;
  ofBusiness(businessId: number, page: Page | null): Promise<Paged<Template>>;
  pending(cursor: number, limit: number): Promise<ReviewItem<Template>[]>;
  /** Whether a live template names this signature. */
  anyOfSignature(signatureId: number): Promise<boolean>;
  /** How many live templates of the business name each signature, or (given one) that one; without those none names. */
  countBySignature(businessId: number, signatureId: number | null): Promise<Map<number, number>>;
}

export interface TemplateWriter {
  insert(template: Omit<Template, 'id' | 'version' | 'review' | 'rejectReason' | 'updatedAt'>): Promise<number>;
  edit(
    id: number,
    edit: Omit<Template, 'id' | 'businessId' | 'version' | 'review' | 'rejectReason' | 'createdAt'>,
  ): Promise<void>;
  review(id: number, verdict: Verdict, at: number): Promise<void>;
  delete(id: number, at: number): Promise<void>;
}

export interface ContentReader {
  byId(id: number): Promise<Content | null>;
}

export interface ContentWriter {
  insert(content: Omit<Content, 'id'>, at: number): Promise<number>;
}
