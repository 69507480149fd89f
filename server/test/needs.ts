import { spawnSync } from 'node:child_process';

/**
 * Whether a program that only tests need can be run here. Where it is missing its tests are left out, which is said
 * plainly; where CI is set it has to be there.
 * @throws when it is missing and CI is set
 */
export function haveTool(name: string, versionFlag = '--version'): boolean {
  return have(name, spawnSync(name, [versionFlag], { stdio: 'ignore' }).error === undefined);
}

/** The same of a module of Perl's. */
export function havePerlModule(name: string): boolean {
  return have(`Perl's ${name}`, spawnSync('perl', [`-M${name}`, '-e1'], { stdio: 'ignore' }).status === 0);
}

/** Whether what tests need is there. Where it is missing they are left out, which is said; where CI is set it has to be there. */
export function have(name: string, found: boolean): boolean {
  if (found) return true;
  if (process.env.CI) throw new Error(`${name} is not installed here, and CI must not leave its tests out`);
  console.warn(`SKIPPED: ${name} is not installed here, so the tests that need it do not run`);
  return false;
}
