/** Answers and records in the few words of a scenario. */
import type { Reply } from '../../src/core/request.js';
import type { State } from '../../src/core/state.js';

export function describeOutcome(reply: Reply): string {
  switch (reply.kind) {
    case 'value':
      return `${text(reply.value)} ${reply.receipt.guarantee}`;
    case 'mutated': {
      const { guarantee, replayed, superseded } = reply.receipt;
      return `ok ${guarantee}${replayed ? ' replayed' : ''}${superseded ? ' superseded' : ''}`;
    }
    case 'error':
      return `${reply.error.code}${reply.error.definite ? '' : ' (unknown)'}`;
    case 'keys':
      return reply.keys.join(' ');
  }
}

export function describe(state: State | null): string {
  return state === null ? 'none' : text(state.value);
}

function text(value: Uint8Array | null): string {
  return value === null ? 'absent' : Buffer.from(value).toString('utf8');
}
