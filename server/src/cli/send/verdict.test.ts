import { describe, expect, it } from 'vitest';
import { NoAnswer } from '../client.ts';
import { verdictOf } from './verdict.ts';

const refusal = (status: number, error: string) => ({ status, retryAfterS: null, body: { error, message: 'x' } });

describe('verdictOf', () => {
  it('takes a uuid for an acceptance', () => {
    expect(verdictOf({ status: 200, retryAfterS: null, body: { uuid: 'u' } })).toEqual({ kind: 'accepted', uuid: 'u' });
  });

  it.each([
    ['ER:0033', 'refused'],
    ['ER:0036', 'too_often'],
    ['ER:0004', 'refused'],
  ])('looks for the rows behind %s', (error, code) => {
    expect(verdictOf(refusal(403, error))).toMatchObject({ kind: 'split', code });
  });

  it('halves what is too large', () => {
    expect(verdictOf(refusal(413, 'ER:0004'))).toMatchObject({ kind: 'split' });
  });

  it.each(['ER:0001', 'ER:0003', 'ER:0023', 'ER:0024', 'ER:0031', 'ER:0032', 'ER:0035'])('stops at %s', (code) => {
    expect(verdictOf(refusal(403, code))).toMatchObject({ kind: 'stop', code });
  });

  it.each([429, 502, 503, 504])('comes back after %i, when asked to', (status) => {
    expect(verdictOf({ status, retryAfterS: 7, body: 'busy' })).toMatchObject({ kind: 'again', afterS: 7 });
  });

  it('knows which failures leave open whether the request was carried out', () => {
    expect(verdictOf(new NoAnswer('reset', true))).toMatchObject({ kind: 'again', mayHaveArrived: true });
    expect(verdictOf(new NoAnswer('refused', false))).toMatchObject({ kind: 'again', mayHaveArrived: false });
    expect(verdictOf(refusal(503, 'ER:0503'))).toMatchObject({ mayHaveArrived: false });
    expect(verdictOf(refusal(500, 'ER:0500'))).toMatchObject({ mayHaveArrived: true, attempts: 8 });
  });

  it('stops when something else answers', () => {
    expect(verdictOf({ status: 404, retryAfterS: null, body: '<html>' })).toMatchObject({
      kind: 'stop',
      code: 'unexpected',
    });
    expect(verdictOf({ status: 200, retryAfterS: null, body: 'hello' })).toMatchObject({ kind: 'stop' });
  });
});
