/** Receipts and errors as sentences for a person. */
import { FulcrumError } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { Guarantee, OperationKind, Receipt } from '../core/receipt.js';
import type { Lag } from './level-stats.js';

const VOUCHES: Readonly<Record<Guarantee, string>> = {
  linearizable: 'linearizable',
  quorum: 'overlapping quorums, last writer wins',
  eventual: 'eventual: may be old, or be overwritten',
};

/** `put at n1, QUORUM: linearizable; 2 of 2 copies (n1, n3), 1 round`. Without times, so that equal answers say the same. */
export function receiptInWords(receipt: Receipt): string {
  const { operation, level, guarantee, acks, required, replicas, rounds, coordinator } = receipt;
  const parts = [
    `${operation} at ${coordinator}, ${level}: ${VOUCHES[guarantee]}`,
    `${acks} of ${required} needed (${replicas.join(', ')})`,
    ...(receipt.degraded ? ['degraded, the level could not be met'] : []),
    ...(receipt.missing.length > 0 ? [`missing ${receipt.missing.join(', ')}`] : []),
    ...(receipt.hinted > 0 ? [`${receipt.hinted} hinted`] : []),
    ...(rounds > 0 ? [`${rounds} ${rounds === 1 ? 'round' : 'rounds'}`] : []),
  ];
  return parts.join('; ');
}

export function staleInWords(receipt: Receipt, { versions, ms }: Lag): string {
  const behind = `${versions} ${versions === 1 ? 'version' : 'versions'} and ${Math.round(ms)} ms`;
  return `stale get at ${receipt.coordinator}, ${receipt.level}: ${behind} behind what was acknowledged`;
}

/** What it means for the data goes first: that is what the caller has to know. */
export function errorInWords(node: string, operation: OperationKind, level: Level, error: FulcrumError): string {
  const meaning = operation === 'get' ? 'not answered' : error.definite ? 'refused, not written' : 'outcome unknown';
  return `${operation} at ${node}, ${level}: ${meaning} (${error.code})${causeOf(error)}`;
}

function causeOf({ missing, required, received }: FulcrumError): string {
  const counted = required === undefined || received === undefined ? '' : `: ${received} of ${required} replicas`;
  return missing === undefined || missing.length === 0 ? counted : `${counted}; cannot reach ${missing.join(', ')}`;
}

/** Whatever was thrown, as the one class of errors. */
export function failureOf(error: unknown): FulcrumError {
  if (error instanceof FulcrumError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: false, retryable: false }, { cause: error });
}
