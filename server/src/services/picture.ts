import {
  PICTURE_MAX_OCTETS,
  PICTURE_TOO_LARGE,
  PICTURES_MAX_COUNT,
  type Picture,
  pictureTypeOf,
} from '../domain/picture.ts';
import { must } from '../domain/refusals.ts';
import type { Reader } from '../store/store.ts';
import { type ActorRef, single } from './verb.ts';

/** Keeps a picture of a business. @throws Refused when it is none, too large, or one too many */
export const keepPicture = single(
  async (tx, ctx, input: { actor: ActorRef; octets: Uint8Array }): Promise<{ id: number }> => {
    const { actor, octets } = input;
    must(octets.length <= PICTURE_MAX_OCTETS, { code: 'fileRefused', why: PICTURE_TOO_LARGE });
    const type = pictureTypeOf(octets);
    must(type !== null, { code: 'fileRefused', why: 'it is no PNG, JPEG or WebP picture' });
    const count = await tx.pictures.countOf(actor.businessId);
    must(count < PICTURES_MAX_COUNT, { code: 'tooManyRows', limit: PICTURES_MAX_COUNT });
    const id = await tx.pictures.insert({ businessId: actor.businessId, type, octets, createdAt: ctx.now() });
    return { id };
  },
);

/** One picture; null when it is not the business's. A null business means any. */
export const findPicture = (
  reader: Reader,
  input: { id: number; businessId: number | null },
): Promise<Picture | null> => reader.pictures.byId(input.id, input.businessId);
