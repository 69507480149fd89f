import type { Picture } from '../../domain/picture.ts';
import type { ApprovedVersion, Reviewed } from '../../domain/review.ts';

export interface ApprovedReader {
  /** The last version of each of these that was approved; without those that never were. */
  of(kind: Reviewed, ids: readonly number[]): Promise<Map<number, ApprovedVersion>>;
}

export interface ApprovedWriter {
  /** In place of the one before. */
  keep(kind: Reviewed, id: number, approved: ApprovedVersion): Promise<void>;
}

export interface PictureReader {
  /** Null when it is not the business's. A null business means any. */
  byId(id: number, businessId: number | null): Promise<Picture | null>;
  countOf(businessId: number): Promise<number>;
}

export interface PictureWriter {
  insert(picture: Omit<Picture, 'id'>): Promise<number>;
}
