import { describe, expect, test } from 'vitest';
import { auditViews } from './audit.ts';

describe('what an entry shows', () => {
  test('is what changed, as it was and as it is', () => {
    const before = { name: 'a', weight: 1, tags: ['x'], updatedAt: 1, version: 1 };
    expect(auditViews(before, { ...before, weight: 2, tags: ['x', 'y'], updatedAt: 2, version: 2 })).toEqual({
      before: { weight: 1, tags: ['x'] },
      after: { weight: 2, tags: ['x', 'y'] },
    });
  });

  test('is nothing when nothing changed', () => {
    expect(auditViews({ a: 1, updatedAt: 1 }, { a: 1, updatedAt: 2 })).toEqual({ before: null, after: null });
    expect(auditViews(null, null)).toEqual({ before: null, after: null });
  });

  test('is all of what came, or went', () => {
    expect(auditViews(null, { a: 1, b: null })).toEqual({ before: null, after: { a: 1, b: null } });
    expect(auditViews({ a: 1 }, null)).toEqual({ before: { a: 1 }, after: null });
  });

  test('of something within, is what changed within', () => {
    const smpp = { host: 'a', port: 2775, tls: { on: false, name: '' } };
    const changed = { ...smpp, port: 2776, tls: { on: true, name: '' } };
    expect(auditViews({ name: 'c', smpp }, { name: 'c', smpp: changed })).toEqual({
      before: { smpp: { port: 2775, tls: { on: false } } },
      after: { smpp: { port: 2776, tls: { on: true } } },
    });
  });

  test('has a field that came or went on one side only', () => {
    expect(auditViews({ a: 1 }, { a: 1, b: 2 })).toEqual({ before: {}, after: { b: 2 } });
  });

  test('tells of secrets that they changed, never what they are', () => {
    const secretsOf = (s: string) => ({
      password: s,
      secrets: { key: s },
      apiSecret: s,
      callbackToken: s,
      authorization: s,
      tlsKey: s,
      secretHash: s,
      nested: [{ webhookSecret: s }],
      hasAuthorization: s === 'two',
      token: null,
    });
    const { before, after } = auditViews(secretsOf('one'), secretsOf('two'));
    expect(JSON.stringify([before, after])).not.toMatch(/one|two/);
    expect(before).toMatchObject({ password: '(hidden)', nested: [{ webhookSecret: '(hidden)' }] });
    expect([before!.hasAuthorization, after!.hasAuthorization]).toEqual([false, true]);
    expect(auditViews(null, { token: null }).after).toEqual({ token: null });
  });

  test('has what the change says beside it', () => {
    expect(auditViews({ a: 1 }, { a: 2 }, { reason: 'why', password: 'p' }).after).toEqual({
      a: 2,
      reason: 'why',
      password: '(hidden)',
    });
    expect(auditViews(null, null, { count: 3 })).toEqual({ before: null, after: { count: 3 } });
  });

  test('is cut where it is long', () => {
    const { after } = auditViews(null, { text: '😀'.repeat(10_000) });
    expect(Object.keys(after!)).toEqual(['cut']);
    expect((after!.cut as string).length).toBe(8_000);
    expect((after!.cut as string).isWellFormed()).toBe(true);
  });
});
