import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { usageError } from './failure.ts';
import type { World } from './world.ts';

/**
 * Asks for a secret on the terminal without showing what is typed; the question goes to standard error.
 * @param otherwise how to give it where nobody can be asked
 */
export function askSecret(world: World, question: string, otherwise: string): Promise<string> {
  if (!world.stdin.isTTY) throw usageError(`${question}: there is no terminal to ask on`, otherwise);
  world.stderr.write(`${question}: `);
  // readline echoes to its output; this one swallows it.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: world.stdin, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      lines.off('close', refuse);
      lines.close();
      world.stderr.write('\n');
      resolve(line);
    });
    const refuse = () => {
      world.stderr.write('\n');
      reject(usageError(`${question}: nothing was typed`, otherwise));
    };
    lines.once('close', refuse);
    lines.once('SIGINT', () => lines.close());
  });
}
