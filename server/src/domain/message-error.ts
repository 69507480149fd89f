/**
 * What the platform itself says in the `error` of a message, for people; everything else that stands there are a carrier's
 * words. They stand in one place so that whoever shows messages can say them in other languages.
 */
export const MESSAGE_ERRORS = {
  planLate: 'the plan was not started in time',
  planInQuietHours: 'quiet hours had begun before the plan started',
  businessSuspended: 'the business was suspended when the plan was to start',
  signatureNotFound: 'the signature was deleted before the plan started',
  signatureNotApproved: 'the signature was not approved when the plan was to start',
  templateNotFound: 'the template was deleted before the plan started',
  templateNotOfSignature: 'the template had another signature when the plan was to start',
  templateNotApproved: 'the template was not approved when the plan was to start',
  linkLost: 'the link was lost before the answer',
  linkClosed: 'the link closed',
  notAnswered: 'no answer in time',
  noAlphabet: 'no alphabet of the channel holds the text',
  cutOtherwise: 'the carrier has some parts of the text, and it is cut into others now',
  noText: 'its text could not be read',
} as const;
export type MessageError = keyof typeof MESSAGE_ERRORS;

const BY_TEXT = new Map<string, MessageError>(
  Object.entries(MESSAGE_ERRORS).map(([name, text]) => [text, name as MessageError]),
);

/** Which of them a text is; null: the words of a carrier. */
export const messageErrorOf = (text: string): MessageError | null => BY_TEXT.get(text) ?? null;
