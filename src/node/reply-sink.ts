import type { ReplyOrSilence } from '../core/peer-message.js';
import type { RepairReply } from '../core/repair-message.js';
import type { Reply } from '../core/request.js';

/** What comes back for a message on a link. */
export type LinkReply = ReplyOrSilence | Forwarded | Repaired;

/** The answer of the home replica that a request was passed on to. */
export interface Forwarded {
  readonly kind: 'forwarded';
  readonly reply: Reply;
}

/** The answer to a request of the background. */
export interface Repaired {
  readonly kind: 'repaired';
  readonly reply: RepairReply;
}

/** Who waits for an answer about one key. `token` is given back as it was handed over. */
export interface ReplySink {
  onReply(token: number, from: string, reply: LinkReply): void;
}
