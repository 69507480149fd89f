/** Plans that test a channel name it; `template_id` is 0 there. */
export const tests = `
ALTER TABLE plan ADD COLUMN test_channel_id INTEGER;
`;
