/** Nothing in the schema: versions before would read an event of many plans that follow each other as one of few. */
export const joinedEvents = '';
