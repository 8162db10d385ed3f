/**
 * Whether a peer counts as reachable: its link is up, it answers on it, and it has kept doing so.
 *
 * Only answers count, so a one-way cut is a cut: a peer that receives but cannot answer is not heard. A silence
 * is judged by phi (phi-accrual) and never lasts longer than a fixed limit. A link that comes and goes is
 * trusted again later each time, so that it does not change the verdict with every turn.
 */
import {
  ARRIVAL_DEVIATION_MIN_MS,
  DEAD_AFTER_MS,
  HEARTBEAT_MS,
  LOSS_FORGIVEN_MS,
  PHI_THRESHOLD,
  PROBATION_MAX_MS,
  PROBATION_MIN_MS,
  SUSPECT_AFTER_MS,
} from './defaults.js';
import { ArrivalTimes, phi } from './phi-accrual.js';

/** `alive`: reachable. `suspected`: not, or on probation. `dead`: not for so long that nothing more is sent to it. */
export type Verdict = 'alive' | 'suspected' | 'dead';

type Link =
  | { readonly kind: 'down'; readonly sinceMs: number }
  | {
      readonly kind: 'up';
      readonly lastHeardMs: number;
      readonly lastBeatMs: number | undefined;
      /** Answers have come since then without a loss. */
      readonly goodSinceMs: number;
    };

/** A silence shorter than this is no loss, however regular the answers were. */
const SILENCE_MIN_MS = 5 * HEARTBEAT_MS;
/** On probation less is forgiven. */
const PROBATION_GAP_MS = SUSPECT_AFTER_MS / 2;
/** Fewer arrivals say nothing about what is usual. */
const ARRIVALS_MIN = 8;

export class PeerLiveness {
  #arrivals = new ArrivalTimes();
  #link: Link;
  #losses = 0;

  /** All times are of one monotonic clock, best an AwakeClock. */
  constructor(nowMs: number) {
    this.#link = { kind: 'down', sinceMs: nowMs };
  }

  /** Losses that are not forgiven yet. */
  get losses(): number {
    return this.#losses;
  }

  /** The link was opened, which takes an answer. */
  linkUp(nowMs: number): void {
    this.#noteSilence(nowMs);
    this.#arrivals = new ArrivalTimes();
    this.#link = { kind: 'up', lastHeardMs: nowMs, lastBeatMs: undefined, goodSinceMs: nowMs };
  }

  /** The transport says that it is gone: not reachable from here on, and silent since it was last heard. */
  linkDown(): void {
    const link = this.#link;
    if (link.kind === 'down') return;
    // A loss that was never noted counts once, whether the peer fell silent first or not.
    this.#lost(link.goodSinceMs, link.lastHeardMs);
    this.#link = { kind: 'down', sinceMs: link.lastHeardMs };
  }

  /** Any answer on the link. */
  heard(nowMs: number): void {
    const link = this.#link;
    if (link.kind === 'down') return;
    const goodSinceMs = this.#noteSilence(nowMs);
    this.#link = { ...link, lastHeardMs: Math.max(nowMs, link.lastHeardMs), goodSinceMs };
  }

  /** The answer to a heartbeat: regular when nothing is wrong, so the usual time is learnt from these. */
  heartbeat(nowMs: number): void {
    this.heard(nowMs);
    const link = this.#link;
    if (link.kind === 'down') return;
    const interval = link.lastBeatMs === undefined ? undefined : nowMs - link.lastBeatMs;
    // A loss says nothing about what is usual.
    if (interval !== undefined && interval < SUSPECT_AFTER_MS) this.#arrivals.add(interval);
    this.#link = { ...link, lastBeatMs: nowMs };
  }

  reachable(nowMs: number): boolean {
    return this.verdict(nowMs) === 'alive';
  }

  verdict(nowMs: number): Verdict {
    const link = this.#link;
    if (link.kind === 'down') return nowMs - link.sinceMs < DEAD_AFTER_MS ? 'suspected' : 'dead';
    const silentMs = nowMs - link.lastHeardMs;
    if (silentMs >= DEAD_AFTER_MS) return 'dead';
    if (this.#isLoss(silentMs)) return 'suspected';
    return nowMs - link.goodSinceMs >= probationMs(this.#losses) ? 'alive' : 'suspected';
  }

  /** For status and metrics: 0 when just heard. */
  phi(nowMs: number): number {
    const link = this.#link;
    return link.kind === 'down' ? Infinity : this.#phi(nowMs - link.lastHeardMs);
  }

  #phi(silentMs: number): number {
    if (this.#arrivals.count < ARRIVALS_MIN) return 0;
    return phi(silentMs, this.#arrivals.meanMs, Math.max(this.#arrivals.deviationMs, ARRIVAL_DEVIATION_MIN_MS));
  }

  #isLoss(silentMs: number): boolean {
    if (silentMs >= SUSPECT_AFTER_MS) return true;
    return silentMs >= SILENCE_MIN_MS && this.#phi(silentMs) >= PHI_THRESHOLD;
  }

  /** The peer is heard: what its silence until now meant. Since when the link is good. */
  #noteSilence(nowMs: number): number {
    const link = this.#link;
    if (link.kind === 'down') return nowMs;
    const silentMs = nowMs - link.lastHeardMs;
    if (this.#isLoss(silentMs)) {
      this.#lost(link.goodSinceMs, link.lastHeardMs);
      return nowMs;
    }
    const onProbation = link.lastHeardMs - link.goodSinceMs < probationMs(this.#losses);
    return onProbation && silentMs >= PROBATION_GAP_MS ? nowMs : link.goodSinceMs;
  }

  #lost(goodSinceMs: number, lastHeardMs: number): void {
    this.#losses = lossesAfter(this.#losses, lastHeardMs - goodSinceMs);
  }
}

/** Losses that count after one more, at the end of a good stretch. */
export function lossesAfter(losses: number, goodMs: number): number {
  return Math.max(0, losses - Math.floor(goodMs / LOSS_FORGIVEN_MS)) + 1;
}

/** How long a link must stay good before it is trusted, after so many losses. */
export function probationMs(losses: number): number {
  return losses === 0 ? 0 : Math.min(PROBATION_MAX_MS, PROBATION_MIN_MS * 2 ** (losses - 1));
}
