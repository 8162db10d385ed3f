/** Writes down what clients asked and were told, as a history for the checkers. */
import type { HistoryEvent } from '../../chaos/history.js';
import type { Reply } from '../../src/core/request.js';
import { formatVersion, NO_VERSION, type Version } from '../../src/core/version.js';
import type { Scheduler } from './scheduler.js';

type Call = Pick<HistoryEvent, 'process' | 'session' | 'key' | 'kind'>;

type Refusal = Extract<Reply, { kind: 'error' }>;

export class Recorder {
  readonly events: HistoryEvent[] = [];

  constructor(private readonly scheduler: Scheduler) {}

  /** Values are labels, each written by one operation. */
  readonly #writers = new Map<string, string>();

  invoke(call: Call & Pick<HistoryEvent, 'value' | 'expect' | 'op' | 'final' | 'ttlMs'>): void {
    if (call.op !== undefined && typeof call.value === 'string') this.#writers.set(call.value, call.op);
    this.events.push({ type: 'invoke', time: this.scheduler.nowMs, ...call });
  }

  ok({ process, session, key, kind }: Call, reply: Extract<Reply, { kind: 'value' | 'mutated' }>): void {
    this.events.push({
      type: 'ok',
      time: this.scheduler.nowMs,
      process,
      key,
      kind,
      ...(reply.kind === 'value' ? this.#read(reply) : written(reply, session !== undefined)),
      receipt: reply.receipt,
    });
  }

  #read({ value, version, receipt }: Extract<Reply, { kind: 'value' }>): Partial<HistoryEvent> {
    // Judged by one node's clock, what has expired is absent under the version of its value.
    if (value === null) return { value: null, ...(receipt.guarantee === 'linearizable' ? named(version) : {}) };
    const label = text(value);
    const writer = this.#writers.get(label);
    return { value: label, ...named(version), ...(writer === undefined ? {} : { writer }) };
  }

  /** Not acknowledged: `fail` if it certainly did not happen. */
  ended(type: 'fail' | 'unknown', { process, key, kind }: Call, code: string, answer?: Refusal): void {
    const looked = type === 'fail' && answer?.receipt !== undefined;
    this.events.push({
      type,
      time: this.scheduler.nowMs,
      process,
      key,
      kind,
      code,
      ...(looked ? { receipt: { guarantee: answer.receipt.guarantee }, ...named(answer.version ?? NO_VERSION) } : {}),
    });
  }
}

/**
 * Under PA one operation may be served degraded by one coordinator and by consensus through another, under a version
 * each: only what was vouched for, to anybody or to a session, has one version.
 */
function written(
  { existed, version, receipt }: Extract<Reply, { kind: 'mutated' }>,
  inSession: boolean,
): Partial<HistoryEvent> {
  const hasVersion = receipt.guarantee === 'linearizable' || (inSession && !receipt.superseded);
  return { ...(existed === null ? {} : { existed }), ...(hasVersion ? named(version) : {}) };
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function named(version: Version): { version?: string } {
  return version.time === 0 ? {} : { version: formatVersion(version) };
}
