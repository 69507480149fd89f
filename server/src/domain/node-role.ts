/** What a process of an installation does: takes requests, does the installation's work, speaks with carriers. */
export const NODE_ROLES = ['api', 'worker', 'channel'] as const;
export type NodeRole = (typeof NODE_ROLES)[number];

export const NODE_ROLES_RULE = `all, or some of ${NODE_ROLES.join(', ')}, separated by commas`;

/** The roles a text names, in their order; null when it names none or something else. */
export function parseNodeRoles(text: string): NodeRole[] | null {
  if (text === 'all') return [...NODE_ROLES];
  const words = text.split(',').map((word) => word.trim());
  if (!words.every((word) => (NODE_ROLES as readonly string[]).includes(word))) return null;
  return NODE_ROLES.filter((role) => words.includes(role));
}

/** As {@link parseNodeRoles} reads it. */
export const writeNodeRoles = (roles: readonly NodeRole[]): string =>
  roles.length === NODE_ROLES.length ? 'all' : roles.join(',');
