/**
 * The register logs of Jepsen's etcd and knossos tests, as a history without versions: one register, values only.
 *
 *     INFO  jepsen.util - 0	:invoke	:cas	[3 1]
 *     INFO  jepsen.util - 0	:fail	:cas	[3 1]
 *     INFO  jepsen.util - 4	:info	:write	:timed-out
 *
 * A compare-and-set that fails with its operands saw another value, as porcupine takes it; one that fails or
 * reads with a reason such as `:timed-out` says nothing. `:info` is an unknown outcome. A process writes its next
 * operation under a new number after that, and one that does not is taken to be another process.
 */
import { FulcrumError, invalidArgument } from '../src/core/errors.js';
import type { EventType, HistoryEvent, HistoryKind } from './history.js';

const KEY = 'register';
const LINE = /^INFO\s+jepsen\.util\s+-\s+(\S+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.*)$/;
const VOUCHED = { receipt: { guarantee: 'linearizable' } } as const;

/** Lines of other kinds (the nemesis, other loggers) are skipped. Throws INVALID_ARGUMENT on operands it cannot read. */
export function parseJepsenRegisterLog(text: string): HistoryEvent[] {
  return text.split('\n').flatMap((line, at): HistoryEvent[] => {
    const match = LINE.exec(line.trim());
    if (match === null) return [];
    const [, process, word, operation, operands] = match as unknown as [string, string, string, string, string];
    const kind: HistoryKind = operation === 'read' ? 'get' : operation === 'write' ? 'put' : 'cas';
    const type: EventType = word === 'info' ? 'unknown' : (word as EventType);
    const base = { type, process, time: at, key: KEY, kind };
    if (operands.startsWith(':')) return [{ ...base, code: operands.slice(1) }];
    return [{ ...base, ...fieldsOf(kind, type, operands, at + 1) }];
  });
}

function fieldsOf(kind: HistoryKind, type: EventType, operands: string, line: number): Partial<HistoryEvent> {
  const values = operands
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/)
    .map((word) => (word === 'nil' ? null : word));
  if (values.length !== (kind === 'cas' ? 2 : 1) || values.includes('')) {
    throw new FulcrumError(invalidArgument(`line ${line} of the log: cannot read the operands ${operands}`));
  }
  const vouched =
    type === 'ok' ? VOUCHED : type === 'fail' && kind === 'cas' ? { ...VOUCHED, code: 'CONDITION_FAILED' } : {};
  if (kind === 'cas') return { expectValue: values[0]!, value: values[1]!, ...vouched };
  return kind === 'get' && type !== 'ok' ? vouched : { value: values[0]!, ...vouched };
}
