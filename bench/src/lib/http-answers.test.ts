import { describe, expect, it } from 'vitest';
import { AnswerReader } from './http-answers.ts';

const FIRST = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: 13\r\n\r\n{"uuid":"42"}';
const SECOND = 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n';

describe('reading answers', () => {
  it('finds them wherever the pieces are cut', () => {
    const octets = Buffer.from(FIRST + SECOND + FIRST);
    for (let cut = 0; cut <= octets.length; cut++) {
      const reader = new AnswerReader();
      const statuses = [...reader.take(octets.subarray(0, cut)), ...reader.take(octets.subarray(cut))];
      expect(statuses).toEqual([200, 503, 200]);
    }
  });

  it('refuses an answer whose end it cannot know', () => {
    expect(() => new AnswerReader().take(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('Content-Length');
  });
});
