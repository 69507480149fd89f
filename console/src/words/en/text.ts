const plural = (count: number, one: string, many: string) => (count === 1 ? one : many);

export const text = {
  phone: 'As it stands on a phone',
  empty: 'Your text appears here.',
  wide: '70 characters a segment (Unicode)',
  narrow: '160 characters a segment (GSM)',
  free: (units: number) => `${units} ${plural(units, 'character', 'characters')} free`,
  banned: (words: string) => `Carriers refuse texts with ${words}. Take it out.`,
  variables: (names: string) => `Variables: ${names}`,
  variableHint: 'Write variables in braces, such as {code}. Each gets its value when the text is sent.',
  perMessage: (credits: string) => `${credits} credits a message`,
};
