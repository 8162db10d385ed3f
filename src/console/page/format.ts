/** Numbers as people read them. */

export function milliseconds(value: number | undefined): string {
  if (value === undefined) return '–';
  if (value >= 1_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`;
}

/** Never 100 % for less than all, nor 0 % for more than nothing. */
export function percent(share: number | undefined): string {
  if (share === undefined) return '–';
  if (share === 0 || share === 1) return `${share * 100} %`;
  return `${Math.min(99.9, Math.max(0.1, share * 100)).toFixed(1)} %`;
}

export function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 2) return 'now';
  if (seconds < 90) return `${seconds} s ago`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3_600)} h ago`;
}

export function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
