import { InvalidArgumentError } from 'commander';

const MS_OF: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `30s`, `15m`, `2h` or `7d` in milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Math.round(Number(amount) * (MS_OF[unit ?? ''] ?? NaN));
  if (Number.isSafeInteger(ms) && ms > 0) return ms;
  throw new InvalidArgumentError('It must be a duration such as 500ms, 30s, 15m, 2h or 7d.');
}
