/** Asks one peer one thing of the background, and hears of it once: the answer, or undefined when none came in time. */
import { TOTAL_TIMEOUT_MS } from '../core/defaults.js';
import type { PeerMessage } from '../core/peer-message.js';
import type { RepairRequest } from '../core/repair-message.js';
import type { LinkReply } from './reply-sink.js';
import type { Tools } from './tools.js';

export type Question =
  { readonly peer: string; readonly message: PeerMessage } | { readonly peer: string; readonly repair: RepairRequest };

export function askOnce(
  { links, clock }: Pick<Tools, 'links' | 'clock'>,
  question: Question,
  use: (reply: LinkReply | undefined) => void,
): void {
  let isAnswered = false;
  const answer = (reply: LinkReply | undefined): void => {
    if (isAnswered) return;
    isAnswered = true;
    timer.cancel();
    use(reply);
  };
  const timer = clock.setTimer(TOTAL_TIMEOUT_MS, () => {
    answer(undefined);
  });
  const sink = {
    onReply: (_token: number, _from: string, reply: LinkReply): void => {
      answer(reply);
    },
  };
  if ('repair' in question) links.repair(question.peer, question.repair, sink);
  else links.request([question.peer], question.message, sink, 0);
}
