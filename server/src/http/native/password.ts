import Type from 'typebox';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from '../../domain/business.ts';
import { must } from '../../domain/refusals.ts';
import { codePoints } from '../../domain/template.ts';
import { randomSecret } from '../../lib/random.ts';

const GENERATED_PASSWORD_BITS = 144;
const LENGTHS = `a text of ${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH} characters`;
const PASSWORD_RULE = `${LENGTHS}; leave it out to have one generated`;

/** A password somebody chooses, or leaves to us. */
export const Password = Type.String({ description: PASSWORD_RULE });
/** A password somebody has to choose. */
export const ChosenPassword = Type.String({ description: LENGTHS });
export const MadePassword = Type.String({ description: 'the generated password, shown only this once' });

/** The password given, checked, or a new one. `made` is what has to be shown to the caller. */
export function choosePassword(given: string | undefined): { password: string; made: { password?: string } } {
  if (given === undefined) {
    const password = randomSecret(GENERATED_PASSWORD_BITS);
    return { password, made: { password } };
  }
  mustBePassword('password', given, PASSWORD_RULE);
  return { password: given, made: {} };
}

/** @throws Refused (invalidField) when it is too short or too long */
export function mustBePassword(field: string, password: string, rule = LENGTHS): void {
  const length = codePoints(password);
  must(length >= PASSWORD_MIN_LENGTH && length <= PASSWORD_MAX_LENGTH, { code: 'invalidField', field, rule });
}
