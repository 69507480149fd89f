import { STATUS, type StatusName } from '@signet/smpp';
import { describe, expect, it } from 'vitest';
import { isThrottled, REPORTED, refusalOf } from './words.ts';

describe('what a carrier says', () => {
  const later = ['ESME_RTHROTTLED', 'ESME_RMSGQFUL', 'ESME_RSYSERR', 'ESME_RINVBNDSTS'];
  const elsewhere = ['ESME_RSUBMITFAIL'];

  it.each((Object.keys(STATUS) as StatusName[]).filter((name) => name !== 'ESME_ROK'))('%s has one meaning', (name) => {
    const retry = later.includes(name) ? 'later' : elsewhere.includes(name) ? 'elsewhere' : 'never';
    expect(refusalOf(STATUS[name])).toEqual({ kind: 'refused', retry, error: name });
  });

  it('in a code of its own is a permanent no, and the code is kept', () => {
    expect(refusalOf(0x401)).toEqual({ kind: 'refused', retry: 'never', error: expect.stringContaining('401') });
  });

  it('asks for less speed with two statuses only', () => {
    const asking = (Object.keys(STATUS) as StatusName[]).filter((name) => isThrottled(STATUS[name]));
    expect(asking.sort()).toEqual(['ESME_RMSGQFUL', 'ESME_RTHROTTLED']);
  });

  it('knows every state of a receipt', () => {
    const states = ['enroute', 'delivered', 'expired', 'deleted', 'undeliverable', 'accepted', 'unknown', 'rejected'];
    expect(Object.keys(REPORTED).sort()).toEqual(states.sort());
  });
});
