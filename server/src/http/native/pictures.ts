import type { Readable } from 'node:stream';
import Type from 'typebox';
import { PICTURE_MAX_OCTETS, PICTURE_TOO_LARGE, PICTURE_TYPES } from '../../domain/picture.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { closed, Id, IdText, Time, word } from './fields.ts';
import { sight } from './scope.ts';

const Kept = closed(
  {
    picture_id: Id,
    url: Type.String({ description: 'what to name it by among the proofs of a signature' }),
  },
  { title: 'KeptPicture' },
);

const PictureBody = closed(
  {
    picture_id: Id,
    business_id: Id,
    type: word(PICTURE_TYPES),
    data: Type.String({ description: 'the picture, in base64' }),
    created_at: Time,
  },
  { title: 'Picture' },
);

/** Proofs that belong to a signature. */
export const pictureEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'POST /pictures',
    {
      tag: 'signatures',
      summary: 'Upload a picture (PNG, JPEG or WebP, at most 2 MB) as the body, to be named as a proof',
      takesFile: true,
      status: 201,
      answer: Kept,
    },
    async ({ actor, file }) => {
      must(file !== null, { code: 'fileRefused', why: 'the picture is to be the body, not JSON' });
      const { id } = await desk.do('keepPicture', { actor, octets: await readWhole(file) });
      return { picture_id: id, url: `/api/v1/pictures/${id}` };
    },
  ),
  endpoint(
    'GET /pictures/:id',
    { tag: 'signatures', summary: 'One picture', params: closed({ id: IdText }), answer: PictureBody },
    async ({ actor, params }) => {
      const picture = await desk.ask('findPicture', { id: Number(params.id), businessId: sight(actor) });
      must(picture !== null, { code: 'pictureNotFound' });
      return {
        picture_id: picture.id,
        business_id: picture.businessId,
        type: picture.type,
        data: Buffer.from(picture.octets).toString('base64'),
        created_at: isoTime(picture.createdAt),
      };
    },
  ),
];

/** @throws Refused as soon as it is too large */
async function readWhole(file: Readable): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of file as AsyncIterable<Buffer>) {
    size += piece.length;
    must(size <= PICTURE_MAX_OCTETS, { code: 'fileRefused', why: PICTURE_TOO_LARGE });
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
