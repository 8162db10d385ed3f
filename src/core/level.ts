/** What a caller asks for: how many of a key's home replicas must have answered. */
export const LEVELS = ['ONE', 'QUORUM', 'ALL'] as const;
export type Level = (typeof LEVELS)[number];

export function isLevel(text: unknown): text is Level {
  return LEVELS.includes(text as Level);
}

export function majority(replicas: number): number {
  return Math.floor(replicas / 2) + 1;
}

export function requiredReplicas(level: Level, replicas: number): number {
  switch (level) {
    case 'ONE':
      return 1;
    case 'QUORUM':
      return majority(replicas);
    case 'ALL':
      return replicas;
  }
}
