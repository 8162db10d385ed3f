/** The answer to a read: the value, unless its caller has it, and whether it shows what the caller's session has seen. */
import { reaches } from '../core/floor.js';
import type { Record } from '../core/register.js';
import type { ReceiptShape } from '../core/receipt.js';
import type { GetRequest, ValueReply } from '../core/request.js';
import { NO_VERSION, sameVersion } from '../core/version.js';

/** What was read: durable here, or agreed on. */
export interface WhatWasRead extends Pick<Record, 'accepted' | 'state'> {
  /** By this node's clock: its value is absent. */
  readonly expired: boolean;
}

export function valueReply(
  { known, after }: GetRequest,
  { accepted, state, expired }: WhatWasRead,
  receipt: ReceiptShape,
  serverMicros: number,
): ValueReply {
  const value = expired ? null : (state?.value ?? null);
  const version = expired ? NO_VERSION : (state?.version ?? NO_VERSION);
  const isKnown = known !== undefined && version !== NO_VERSION && sameVersion(version, known);
  return {
    kind: 'value',
    value: isKnown ? null : value,
    encoding: isKnown || value === null ? 'bytes' : state!.encoding,
    version,
    accepted,
    unchanged: isKnown ? (value === null ? 'absent' : 'found') : undefined,
    behind: after !== undefined && !reaches({ accepted, state }, after) ? true : undefined,
    receipt,
    serverMicros,
  };
}
