import type { Receipt } from '../core/receipt.js';

/** A receipt in one line: what was asked, what is vouched for, who answered, what it took. */
export function receiptLine(receipt: Receipt): string {
  const { level, guarantee, acks, replicas, missing, serverMs } = receipt;
  const parts = [`${level}, ${guarantee}`, `${acks} acks (${replicas.join(', ')})`];
  if (missing.length > 0) parts.push(`without ${missing.join(', ')}`);
  if (receipt.degraded) parts.push('degraded');
  if (receipt.superseded) parts.push('superseded by a newer write');
  parts.push(`${serverMs.toFixed(1)} ms`);
  return parts.join(' · ');
}
