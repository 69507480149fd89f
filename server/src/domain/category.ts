/** What a message is for. Lanes serve them in this order. The numbers are stored; do not renumber. */
export const CATEGORIES = ['verification', 'notification', 'marketing'] as const;
export type Category = (typeof CATEGORIES)[number];

const CODES: Record<Category, number> = { verification: 1, notification: 2, marketing: 3 };

export const categoryCode = (category: Category): number => CODES[category];

export function categoryOfCode(code: number): Category {
  const category = CATEGORIES[code - 1];
  if (category === undefined) throw new Error(`no category has code ${code}`);
  return category;
}
