/** What a history says for certain about which version of a key is older. */
import { isAcknowledged, isLinearizable, type Operation } from './operation.js';

/** The absent key, where a read shows no version. */
export const ABSENT_VERSION = '(absent)';

/** The version an answer shows or creates; undefined where it tells none. */
export function versionSeen(operation: Operation): string | undefined {
  if (operation.outcome !== 'ok') return undefined;
  if (operation.version !== undefined) return operation.version;
  return operation.kind === 'get' && operation.value === null ? ABSENT_VERSION : undefined;
}

/** Of one key. Only what is vouched for as linearizable says when a version was there. */
export class VersionOrder {
  /** The earliest moment by which a version certainly existed. */
  readonly #existedBy = new Map<string, number>();
  /** The moment before which a version certainly did not exist. */
  readonly #bornAfter = new Map<string, number>();
  /** Versions made from one another are a tree; a version's span holds the spans of all that came from it. */
  readonly #spans = new Map<string, { readonly from: number; to: number }>();

  constructor(operations: readonly Operation[]) {
    const parents = new Map<string, string>();
    for (const operation of operations) {
      const version = versionSeen(operation);
      if (version === undefined || version === ABSENT_VERSION) continue;
      if (isLinearizable(operation))
        this.#existedBy.set(version, Math.min(operation.end, this.#existedBy.get(version) ?? Infinity));
      if (!isAcknowledged(operation)) continue;
      this.#bornAfter.set(version, Math.min(operation.start, this.#bornAfter.get(version) ?? Infinity));
      if (operation.expect !== undefined && operation.expect !== 'absent') parents.set(version, operation.expect);
    }
    this.#measure(parents);
  }

  /** By when a version certainly existed; Infinity where nothing vouches for it. */
  existedBy(version: string): number {
    return this.#existedBy.get(version) ?? Infinity;
  }

  /** Whether one version certainly comes before another: it was there before the other was asked for, or the other was made from it. */
  isOlder(version: string, than: string): boolean {
    if (version === than) return false;
    if (this.existedBy(version) < (this.#bornAfter.get(than) ?? -Infinity)) return true;
    const [outer, inner] = [this.#spans.get(version), this.#spans.get(than)];
    return outer !== undefined && inner !== undefined && outer.from < inner.from && inner.to <= outer.to;
  }

  /** Depth first from the versions that were made from none; a ring, which is another checker's business, is left out. */
  #measure(parents: ReadonlyMap<string, string>): void {
    const children = new Map<string, string[]>();
    for (const [child, parent] of parents) children.set(parent, [...(children.get(parent) ?? []), child]);
    let moment = 0;
    const open = [...children.keys()].filter((version) => !parents.has(version));
    for (let version = open.at(-1); version !== undefined; version = open.at(-1)) {
      const span = this.#spans.get(version);
      if (span === undefined) {
        this.#spans.set(version, { from: moment, to: Infinity });
        moment += 1;
        open.push(...(children.get(version) ?? []));
      } else {
        open.pop();
        if (span.to === Infinity) span.to = moment;
      }
    }
  }
}
