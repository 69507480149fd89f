import type { NumberRun, Reader, SortedNumbers, SortedPiece } from '../store/store.ts';
import { single, type Verb } from './verb.ts';

/** The next run, of at least `size` messages; null while there is none. */
export function nextNumberRun(reader: Reader, input: { size: number }): Promise<NumberRun | null> {
  return reader.numberRuns.next(input.size);
}

/** The piece of a run behind a message (null: the first one), of at most `size` messages. */
export function sortNumbers(
  reader: Reader,
  input: { run: NumberRun; after: SortedPiece['end']; size: number },
): Promise<SortedPiece> {
  return reader.numberRuns.sort(input.run, input.after, input.size);
}

/** Adds some of a piece's numbers. */
export const addNumbers: Verb<{ pieceId: number; numbers: SortedNumbers }, null> = {
  priority: 2,
  rows: ({ numbers }) => numbers.indexes.length,
  async run(tx, _ctx, inputs) {
    for (const { pieceId, numbers } of inputs) await tx.numberRuns.add(pieceId, numbers);
    return inputs.map(() => ({ value: null }));
  },
};

/** Lets searches look into a run whose pieces have all their numbers. */
export const sealNumbers = single(async (tx, _ctx, input: { run: NumberRun; pieces: number }): Promise<null> => {
  await tx.numberRuns.seal(input.run, input.pieces);
  return null;
});
