import { STATUS, type StatusName } from '@signet/smpp';
import { describe, expect, it } from 'vitest';
import { REPORTED, StatusWords } from './words.ts';

describe('what a carrier says', () => {
  const words = new StatusWords();
  const later = ['ESME_RTHROTTLED', 'ESME_RMSGQFUL', 'ESME_RSYSERR', 'ESME_RINVBNDSTS'];
  const elsewhere = ['ESME_RSUBMITFAIL'];

  it.each((Object.keys(STATUS) as StatusName[]).filter((name) => name !== 'ESME_ROK'))('%s has one meaning', (name) => {
    const retry = later.includes(name) ? 'later' : elsewhere.includes(name) ? 'elsewhere' : 'never';
    expect(words.refusalOf(STATUS[name])).toEqual({ kind: 'refused', retry, error: name });
  });

  it('in a code of its own is a permanent no, and the code is kept', () => {
    expect(words.refusalOf(0x401)).toEqual({ kind: 'refused', retry: 'never', error: expect.stringContaining('401') });
  });

  it('asks for less speed with two statuses only', () => {
    const asking = (Object.keys(STATUS) as StatusName[]).filter(
      (name) => words.outcomeOf(STATUS[name]) === 'throttled',
    );
    expect(asking.sort()).toEqual(['ESME_RMSGQFUL', 'ESME_RTHROTTLED']);
  });

  it('means what its channel says, by name or number', () => {
    const own = new StatusWords({
      ESME_RSYSERR: 'elsewhere',
      '0x401': 'throttled',
      '1026': 'later',
      ESME_RMSGQFUL: 'never',
    });
    expect([STATUS.ESME_RSYSERR, 0x401, 0x402, STATUS.ESME_RMSGQFUL].map((status) => own.outcomeOf(status))).toEqual([
      'elsewhere',
      'throttled',
      'later',
      'never',
    ]);
    expect(own.outcomeOf(STATUS.ESME_RTHROTTLED)).toBe('throttled');
    expect(words.outcomeOf(0x401)).toBe('never');
  });

  it('knows every state of a receipt', () => {
    const states = ['enroute', 'delivered', 'expired', 'deleted', 'undeliverable', 'accepted', 'unknown', 'rejected'];
    expect(Object.keys(REPORTED).sort()).toEqual(states.sort());
  });
});
