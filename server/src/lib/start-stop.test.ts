import { expect, test } from 'vitest';
import { Lifecycle, type Service } from './start-stop.ts';

function service(name: string, said: string[], failing: 'start' | 'stop' | null = null): Service {
  const say = (what: 'start' | 'stop') => async () => {
    said.push(`${what} ${name}`);
    if (failing === what) throw new Error(`${name} cannot ${what}`);
  };
  return { start: say('start'), stop: say('stop') };
}

test('stops in reverse order what was started, once', async () => {
  const said: string[] = [];
  const life = new Lifecycle();
  await life.start(service('a', said));
  await life.start(service('b', said));
  await life.stop();
  await life.stop();
  expect(said).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});

test('what could not start is not stopped', async () => {
  const said: string[] = [];
  const life = new Lifecycle();
  await life.start(service('a', said));
  await expect(life.start(service('b', said, 'start'))).rejects.toThrow('b cannot start');
  await life.stop();
  expect(said).toEqual(['start a', 'start b', 'stop a']);
});

test('one that cannot stop keeps no other from stopping', async () => {
  const said: string[] = [];
  const life = new Lifecycle();
  await life.start(service('a', said));
  await life.start(service('b', said, 'stop'));
  await expect(life.stop()).rejects.toThrow('b cannot stop');
  expect(said).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});
