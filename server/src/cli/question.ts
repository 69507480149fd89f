import { createInterface } from 'node:readline';
import type { World } from './world.ts';

/** Asks on the terminal; anything but yes is no. The question goes to standard error. */
export function askYes(world: World, question: string): Promise<boolean> {
  const lines = createInterface({ input: world.stdin, output: world.stderr });
  return new Promise((resolve) => {
    lines.question(`${question}? [y/N] `, (answer) => {
      resolve(/^\s*(y|yes|是)\s*$/i.test(answer));
      lines.close();
    });
    lines.once('close', () => resolve(false));
  });
}
