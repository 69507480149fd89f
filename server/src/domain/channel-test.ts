import { countSegments } from '@signet/text';
import type { Channel } from './channel.ts';
import type { Content } from './content.ts';
import type { Plan } from './plan.ts';
import { must } from './refusals.ts';
import { codePoints } from './template.ts';

/** A text that is sent over a channel to see whether it works. */
export interface ChannelTest {
  recipient: number;
  /** As it goes on the air, with whatever signature the carrier asks for. */
  text: string;
}

/** Each is charged for by the carrier, and by nobody else. */
export const TESTS_A_MINUTE = 5;
export const TEST_TEXT_MAX_LENGTH = 500;
/** A test is about now: one that could not leave for so long tells what it was to tell. */
export const TEST_VALIDITY_MS = 300_000;

/** @returns its segments @throws Refused (invalidField) */
export function checkTest({ text }: ChannelTest): number {
  must(text.trim() !== '' && codePoints(text) <= TEST_TEXT_MAX_LENGTH, {
    code: 'invalidField',
    field: 'text',
    rule: `1 to ${TEST_TEXT_MAX_LENGTH} characters`,
  });
  return countSegments(text);
}

/**
 * What a test of a channel says, and as what plan it is kept. Verification is what goes before everything else that waits
 * for the channel, and rests at no time of day.
 */
export function testPlan(
  { id, name }: Pick<Channel, 'id' | 'name'>,
  text: string,
): {
  content: Omit<Content, 'id'>;
  plan: Omit<Plan, 'id' | 'businessId' | 'contentId' | 'segments' | 'createdAt' | 'expiresAt' | 'startedAt' | 'doneAt'>;
} {
  const category = 'verification';
  return {
    content: {
      templateId: null,
      templateText: text,
      signatureText: '',
      placement: 'none',
      brackets: 'fullWidth',
      category,
    },
    plan: {
      uuid: null,
      dialect: 'native',
      name: `test of ${name}`,
      category,
      templateId: null,
      signatureId: null,
      state: 'running',
      total: 1,
      accepted: 1,
      invalid: 0,
      stopped: 0,
      sendable: 1,
      left: 1,
      testChannelId: id,
      customArgs: null,
      startAt: null,
    },
  };
}
