/** A hook around every call, made for tracers and meters: OpenTelemetry plugs into it as it is. */
import type { FulcrumError } from '../core/errors.js';

/** As spans and measurements of OpenTelemetry take them. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface CallStart {
  /** What spans are named by: `fulcrum get`, `fulcrum put`, `fulcrum compare-and-set`, … */
  readonly name: string;
  /** The key; not among the attributes, since there may be millions. Empty for a listing. */
  readonly key: string;
  /** `db.system.name`, `db.operation.name` and, where the call has one, `fulcrum.level`. */
  readonly attributes: Attributes;
}

export interface CallEnd {
  /** From the call to its outcome, in milliseconds: waiting, retries and pauses included. */
  readonly durationMs: number;
  /** Why it failed; undefined: it succeeded. */
  readonly error: FulcrumError | undefined;
  /** `fulcrum.attempts`, `fulcrum.hedges`; `fulcrum.node`, which was asked last; `error.type`, the code, where it failed. */
  readonly attributes: Attributes;
}

/**
 * Called as each call begins, within the caller's own context (so that a span finds its parent); what it returns is
 * called once with the outcome. What either throws is nobody's answer: it is thrown again outside of the call.
 *
 * @example
 * const tracer = trace.getTracer('shop');
 * const client = await connect({
 *   onCall: ({ name, attributes }) => {
 *     const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes });
 *     return ({ attributes, error }) => {
 *       if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
 *       span.setAttributes(attributes).end();
 *     };
 *   },
 * });
 */
export type CallHook = (start: CallStart) => CallObserver | undefined;
export type CallObserver = (end: CallEnd) => void;
