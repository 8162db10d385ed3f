import type { Receipt } from '../core/receipt.js';

/** What the answer vouches for, by itself and as the whole receipt in JSON of ASCII characters. */
export function receiptHeaders(receipt: Receipt): Record<string, string> {
  return { 'fulcrum-guarantee': receipt.guarantee, 'fulcrum-receipt': ascii(JSON.stringify(receipt)) };
}

function ascii(text: string): string {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
