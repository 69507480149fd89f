import { spawnSync } from 'node:child_process';

/**
 * Whether a program that only tests need can be run here. Where it is missing its tests are left out, which is said
 * plainly; where CI is set it has to be there.
 * @throws when it is missing and CI is set
 */
export function haveTool(name: string, versionFlag = '--version'): boolean {
  if (spawnSync(name, [versionFlag], { stdio: 'ignore' }).error === undefined) return true;
  if (process.env.CI) throw new Error(`${name} is not installed here, and CI must not leave its tests out`);
  console.warn(`SKIPPED: ${name} is not installed here, so the tests that need it do not run`);
  return false;
}
