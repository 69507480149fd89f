import { first } from './0001-first.ts';

/** Every step from an empty file to this version's schema, in order. Steps that have been released never change. */
export const migrations: readonly string[] = [first];
