import { categoryCode, categoryOfCode } from '../../domain/category.ts';
import { reviewCode, reviewOfCode } from '../../domain/review.ts';
import {
  bracketsCode,
  bracketsOfCode,
  placementCode,
  placementOfCode,
  type Signature,
} from '../../domain/signature.ts';
import type { Template } from '../../domain/template.ts';
import type {
  ContentReader,
  ContentWriter,
  Page,
  Paged,
  SignatureReader,
  SignatureWriter,
  TemplateReader,
  TemplateWriter,
} from '../store.ts';
import type { Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

export function signatureTable(db: Database): SignatureReader & SignatureWriter {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM signature WHERE id = ? AND deleted_at IS NULL', id);
      return row === undefined ? null : toSignature(row);
    },
    async ofBusiness(businessId, page) {
      return paged(db, 'signature', businessId, page, toSignature);
    },
    async anyWithText(businessId, text, except) {
      const same = 'business_id = ? AND deleted_at IS NULL AND text = ? AND id IS NOT ?';
      return db.get(`SELECT 1 FROM signature WHERE ${same} LIMIT 1`, businessId, text, except) !== undefined;
    },
    async pending(cursor, limit) {
      return pending(db, 'signature', cursor, limit, toSignature);
    },
    async insert(signature) {
      return db.insert(
        `INSERT INTO signature (business_id, text, source, pics, review, reject_reason, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, '', 1, ?, ?)`,
        signature.businessId,
        signature.text,
        signature.source,
        JSON.stringify(signature.pics),
        reviewCode('pending'),
        signature.createdAt,
        signature.createdAt,
      );
    },
    async edit(id, edit) {
      db.run(
        'UPDATE signature SET text = ?, source = ?, pics = ?, review = ?, version = version + 1, updated_at = ? WHERE id = ?',
        edit.text,
        edit.source,
        JSON.stringify(edit.pics),
        reviewCode('pending'),
        edit.updatedAt,
        id,
      );
    },
    async review(id, verdict, at) {
      review(db, 'signature', id, verdict, at);
    },
    async delete(id, at) {
      db.run('UPDATE signature SET deleted_at = ? WHERE id = ?', at, id);
    },
  };
}

function toSignature(row: Row): Signature {
  return {
    id: row.id as number,
    businessId: row.business_id as number,
    text: row.text as string,
    source: row.source as string,
    pics: JSON.parse(row.pics as string) as string[],
    review: reviewOfCode(row.review as number),
    rejectReason: row.reject_reason as string,
    version: row.version as number,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}

export function templateTable(db: Database): TemplateReader & TemplateWriter {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM template WHERE id = ? AND deleted_at IS NULL', id);
      return row === undefined ? null : toTemplate(row);
    },
    async ofBusiness(businessId, page) {
      return paged(db, 'template', businessId, page, toTemplate);
    },
    async pending(cursor, limit) {
      return pending(db, 'template', cursor, limit, toTemplate);
    },
    async anyOfSignature(signatureId) {
      return (
        db.get('SELECT 1 FROM template WHERE signature_id = ? AND deleted_at IS NULL LIMIT 1', signatureId) !==
        undefined
      );
    },
    async countBySignature(businessId, signatureId) {
      const rows = db.all(
        `SELECT signature_id, count(*) AS templates FROM template
         WHERE business_id = ? AND deleted_at IS NULL AND signature_id IS NOT NULL AND (? IS NULL OR signature_id = ?)
         GROUP BY signature_id`,
        businessId,
        signatureId,
        signatureId,
      );
      return new Map(rows.map((row) => [row.signature_id as number, row.templates as number]));
    },
    async insert(template) {
      return db.insert(
        `INSERT INTO template (business_id, signature_id, placement, name, text, category, description, country_codes,
           review, reject_reason, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 1, ?, ?)`,
        template.businessId,
        template.signatureId,
        placementCode(template.placement),
        template.name,
        template.text,
        categoryCode(template.category),
        template.description,
        template.countryCodes,
        reviewCode('pending'),
        template.createdAt,
        template.createdAt,
      );
    },
    async edit(id, edit) {
      db.run(
        `UPDATE template SET signature_id = ?, placement = ?, name = ?, text = ?, category = ?, description = ?,
           country_codes = ?, review = ?, version = version + 1, updated_at = ? WHERE id = ?`,
        edit.signatureId,
        placementCode(edit.placement),
        edit.name,
        edit.text,
        categoryCode(edit.category),
        edit.description,
        edit.countryCodes,
        reviewCode('pending'),
        edit.updatedAt,
        id,
      );
    },
    async review(id, verdict, at) {
      review(db, 'template', id, verdict, at);
    },
    async delete(id, at) {
      db.run('UPDATE template SET deleted_at = ? WHERE id = ?', at, id);
    },
  };
}

function toTemplate(row: Row): Template {
  return {
    id: row.id as number,
    businessId: row.business_id as number,
    signatureId: row.signature_id as number | null,
    placement: placementOfCode(row.placement as number),
    name: row.name as string,
    text: row.text as string,
    category: categoryOfCode(row.category as number),
    description: row.description as string,
    countryCodes: row.country_codes as string,
    review: reviewOfCode(row.review as number),
    rejectReason: row.reject_reason as string,
    version: row.version as number,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}

export function contentTable(db: Database): ContentReader & ContentWriter {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM content WHERE id = ?', id);
      if (row === undefined) return null;
      return {
        id,
        templateId: row.template_id as number | null,
        templateText: row.template_text as string,
        signatureText: row.signature_text as string,
        placement: placementOfCode(row.placement as number),
        brackets: bracketsOfCode(row.brackets as number),
        category: categoryOfCode(row.category as number),
      };
    },
    async insert(content, at) {
      return db.insert(
        `INSERT INTO content (template_id, template_text, signature_text, placement, brackets, category, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        content.templateId,
        content.templateText,
        content.signatureText,
        placementCode(content.placement),
        bracketsCode(content.brackets),
        categoryCode(content.category),
        at,
      );
    },
  };
}

type Reviewed = 'signature' | 'template';

function paged<T>(
  db: Database,
  table: Reviewed,
  businessId: number,
  page: Page | null,
  read: (row: Row) => T,
): Paged<T> {
  const live = `FROM ${table} WHERE business_id = ? AND deleted_at IS NULL`;
  const total = db.get(`SELECT count(*) AS total ${live}`, businessId)!.total as number;
  const limit = page?.pageSize ?? -1;
  const offset = page === null ? 0 : (page.page - 1) * page.pageSize;
  const rows = db.all(`SELECT * ${live} ORDER BY id DESC LIMIT ? OFFSET ?`, businessId, limit, offset);
  return { items: rows.map(read), total };
}

function pending<T>(
  db: Database,
  table: Reviewed,
  cursor: number,
  limit: number,
  read: (row: Row) => T,
): { item: T; businessName: string }[] {
  return db
    .all(
      `SELECT item.*, business.name AS business_name FROM ${table} AS item
       JOIN business ON business.id = item.business_id
       WHERE item.deleted_at IS NULL AND item.review = 1 AND item.id > ? ORDER BY item.id LIMIT ?`,
      cursor,
      limit,
    )
    .map((row) => ({ item: read(row), businessName: row.business_name as string }));
}

function review(
  db: Database,
  table: Reviewed,
  id: number,
  verdict: { state: 'approved' | 'rejected'; reason: string },
  at: number,
): void {
  db.run(
    `UPDATE ${table} SET review = ?, reject_reason = ?, updated_at = ? WHERE id = ?`,
    reviewCode(verdict.state),
    verdict.reason,
    at,
    id,
  );
}
