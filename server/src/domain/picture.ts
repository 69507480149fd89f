/** A picture that somebody gave as a proof, for reviewers to look at. */
export interface Picture {
  id: number;
  businessId: number;
  type: PictureType;
  octets: Uint8Array;
  createdAt: number;
}

export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

export const PICTURE_MAX_OCTETS = 2_000_000;
export const PICTURE_TOO_LARGE = `it is a picture of more than ${PICTURE_MAX_OCTETS / 1_000_000} MB`;
/** Pictures one business may have. */
export const PICTURES_MAX_COUNT = 1_000;

/** Where the first octets of a type stand, and what they are. */
const SIGNS: Record<PictureType, readonly (readonly [at: number, octets: readonly number[]])[]> = {
  'image/png': [[0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]]],
  'image/jpeg': [[0, [0xff, 0xd8, 0xff]]],
  'image/webp': [
    [0, [0x52, 0x49, 0x46, 0x46]],
    [8, [0x57, 0x45, 0x42, 0x50]],
  ],
};

/** What a picture is by its own first octets, whatever it was sent as; null for anything else. */
export function pictureTypeOf(octets: Uint8Array): PictureType | null {
  const fits = (type: PictureType) =>
    SIGNS[type].every(([at, sign]) => sign.every((octet, i) => octets[at + i] === octet));
  return PICTURE_TYPES.find(fits) ?? null;
}
