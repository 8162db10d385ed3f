/** The words of a scenario that do something, with how each is written. */
import { isPolicy, POLICIES, type Policy } from '../../src/core/policy.js';

export type Action =
  | { readonly kind: 'partition'; readonly expression: string }
  | {
      readonly kind: 'latency';
      readonly from: string;
      readonly to: string;
      readonly ms: number;
      readonly jitterMs: number;
    }
  | { readonly kind: 'bandwidth'; readonly from: string; readonly to: string; readonly kbPerSecond: number }
  | { readonly kind: 'resets'; readonly from: string; readonly to: string }
  | { readonly kind: 'kill' | 'pause' | 'restart' | 'stall-disk' | 'power-cut'; readonly node: string }
  | { readonly kind: 'slow-disk'; readonly node: string; readonly ms: number }
  | { readonly kind: 'skew'; readonly node: string; readonly offsetMs: number }
  | { readonly kind: 'drift'; readonly node: string; readonly ppm: number }
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'heal' };

interface Word {
  readonly usage: string;
  /** Undefined where the rest of the line does not fit the usage. */
  readonly read: (words: readonly string[]) => Action | undefined;
}

const ofNode = (kind: 'kill' | 'pause' | 'restart' | 'stall-disk' | 'power-cut'): Word => ({
  usage: `${kind} n1`,
  read: ([node, ...rest]) => (isName(node) && rest.length === 0 ? { kind, node } : undefined),
});

export const WORDS: Readonly<Record<Action['kind'], Word>> = {
  partition: {
    usage: 'partition n1 | n2 n3',
    read: (words) => (words.length > 0 ? { kind: 'partition', expression: words.join(' ') } : undefined),
  },
  latency: { usage: 'latency n1 n2 100ms [jitter 20ms]', read: readLatency },
  bandwidth: {
    usage: 'bandwidth n1 n2 50KB/s',
    read: ([from, to, rate, ...rest]) => {
      const kbPerSecond = Number(/^([1-9]\d*)KB\/s$/.exec(rate ?? '')?.[1]);
      const fits = isParty(from) && isParty(to) && kbPerSecond > 0 && rest.length === 0;
      return fits ? { kind: 'bandwidth', from, to, kbPerSecond } : undefined;
    },
  },
  resets: {
    usage: 'resets n1 n2',
    read: ([from, to, ...rest]) =>
      isParty(from) && isParty(to) && rest.length === 0 ? { kind: 'resets', from, to } : undefined,
  },
  kill: ofNode('kill'),
  pause: ofNode('pause'),
  restart: ofNode('restart'),
  'stall-disk': ofNode('stall-disk'),
  'power-cut': ofNode('power-cut'),
  'slow-disk': {
    usage: 'slow-disk n1 200ms',
    read: ([node, time, ...rest]) => {
      const ms = durationMs(time);
      return isName(node) && ms !== undefined && rest.length === 0 ? { kind: 'slow-disk', node, ms } : undefined;
    },
  },
  skew: {
    usage: 'skew n1 +1h',
    read: ([node, offset, ...rest]) => {
      const ms = /^[+-]/.test(offset ?? '') ? durationMs(offset!.slice(1)) : undefined;
      if (!isName(node) || ms === undefined || rest.length > 0) return undefined;
      return { kind: 'skew', node, offsetMs: offset!.startsWith('-') ? -ms : ms };
    },
  },
  drift: {
    usage: 'drift n1 +5%',
    read: ([node, share, ...rest]) => {
      const percent = Number(/^([+-]\d+(?:\.\d+)?)%$/.exec(share ?? '')?.[1]);
      const fits = isName(node) && Number.isFinite(percent) && rest.length === 0;
      return fits ? { kind: 'drift', node, ppm: percent * 10_000 } : undefined;
    },
  },
  policy: {
    usage: 'policy PA/EC',
    read: ([policy, ...rest]) => (isPolicy(policy) && rest.length === 0 ? { kind: 'policy', policy } : undefined),
  },
  heal: { usage: 'heal', read: (words) => (words.length === 0 ? { kind: 'heal' } : undefined) },
};

function readLatency([from, to, time, word, jitter, ...rest]: readonly string[]): Action | undefined {
  const ms = durationMs(time);
  const jitterMs = word === undefined ? 0 : word === 'jitter' ? durationMs(jitter) : undefined;
  if (!isParty(from) || !isParty(to) || ms === undefined || jitterMs === undefined || rest.length > 0) return undefined;
  return jitterMs > ms ? undefined : { kind: 'latency', from, to, ms, jitterMs };
}

/** Things that happen and are over; `for` makes no sense with them. */
export function isInstant({ kind }: Action): boolean {
  return kind === 'restart' || kind === 'policy' || kind === 'heal';
}

/** The action of a line, or what is wrong with it. */
export function readAction(words: readonly string[]): Action | string {
  const [first = '', ...rest] = words;
  const word = Object.hasOwn(WORDS, first) ? WORDS[first as Action['kind']] : undefined;
  if (word === undefined) {
    return `there is no action ${JSON.stringify(first)}. The actions are ${Object.keys(WORDS).join(', ')}`;
  }
  const known = first === 'policy' ? `, one of ${POLICIES.join(', ')}` : '';
  return word.read(rest) ?? `"${words.join(' ')}" is not how "${first}" is written: ${word.usage}${known}`;
}

const MS_OF: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `500ms`, `10s`, `2m`, `1h`; undefined for anything else. */
export function durationMs(text: string | undefined): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '') ?? [];
  return unit === undefined ? undefined : Math.round(Number(amount) * MS_OF[unit]!);
}

function isName(word: string | undefined): word is string {
  return /^n[1-9]\d*$/.test(word ?? '');
}

/** A node, `clients`, or `*` for every node. */
function isParty(word = ''): word is string {
  return isName(word) || ['clients', '*'].includes(word);
}
