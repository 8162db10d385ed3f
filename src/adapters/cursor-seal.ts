import { createHmac } from 'node:crypto';
import type { CursorSeal } from '../ports/cursor-seal.js';

/** HMAC-SHA-256 (RFC 2104), and base64url without padding (RFC 4648). */
export const hmacCursorSeal: CursorSeal = {
  mac: (secret, bytes) => createHmac('sha256', secret).update(bytes).digest(),
  toText: (bytes) => Buffer.from(bytes).toString('base64url'),
  fromText: (text) => {
    const bytes = Buffer.from(text, 'base64url');
    // Node skips what is no base64url, and the last character may have bits that nothing is made of.
    return bytes.toString('base64url') === text ? bytes : undefined;
  },
};
