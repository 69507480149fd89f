import { describe, expect, it } from 'vitest';
import { decodeUcs2, encodeUcs2 } from './ucs2.ts';

describe('encodeUcs2', () => {
  it('writes big-endian units', () => {
    expect(encodeUcs2('A你')).toEqual(Uint8Array.of(0x00, 0x41, 0x4f, 0x60));
  });

  it('writes a character beyond the basic plane as its surrogate pair', () => {
    expect(encodeUcs2('\u{1f600}')).toEqual(Uint8Array.of(0xd8, 0x3d, 0xde, 0x00));
  });

  it('writes a lone surrogate as it stands', () => {
    expect(encodeUcs2('\udc00\ud800')).toEqual(Uint8Array.of(0xdc, 0x00, 0xd8, 0x00));
  });
});

describe('decodeUcs2', () => {
  it('reads every 16-bit unit back', () => {
    let text = '';
    for (let unit = 0; unit < 0x10000; unit++) text += String.fromCharCode(unit);
    expect(decodeUcs2(encodeUcs2(text)) === text).toBe(true);
  });

  it('shows a last half unit as the replacement character', () => {
    expect(decodeUcs2(Uint8Array.of(0x00, 0x41, 0x4f))).toBe('A\ufffd');
    expect(decodeUcs2(Uint8Array.of(0x4f))).toBe('\ufffd');
  });

  it('reads nothing as an empty text', () => {
    expect(decodeUcs2(new Uint8Array(0))).toBe('');
  });
});
