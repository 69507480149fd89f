import Type, { type Static } from 'typebox';
import { REASON_MAX_LENGTH } from '../../domain/signature.ts';
import { closed, word } from './fields.ts';

/** What a reviewer decides. */
export const Verdict = closed(
  {
    state: word(['approved', 'rejected']),
    reason: Type.Optional(
      Type.String({
        maxLength: REASON_MAX_LENGTH,
        description: `a text of at most ${REASON_MAX_LENGTH} characters, shown to the business`,
      }),
    ),
  },
  { title: 'Verdict' },
);

export const verdictOf = ({ state, reason }: Static<typeof Verdict>) => ({ state, reason: reason ?? '' });
