/** The hurt network of a running cluster as one state: each call says how something is to be from now on. */
import { confirmed, type ChaosTarget, type Fault } from './faults/fault.js';
import { bandwidth, type BandwidthOptions } from './faults/bandwidth.js';
import { latency, type LatencyOptions } from './faults/latency.js';
import { pairsOf } from './faults/parties.js';
import { cutsOf, partition } from './faults/partition.js';
import { resets, type ResetOptions } from './faults/resets.js';
import { makeWhole } from './whole.js';

const PARTITION = 'partition';

export class ChaosControls {
  readonly #target: ChaosTarget;

  constructor(target: ChaosTarget) {
    this.#target = target;
  }

  /** Cuts the network as the expression says; what was cut before and is not any more is joined again. */
  async partition(expression: string): Promise<void> {
    const { network } = this.#target;
    const fault = partition(this.#target, expression, PARTITION);
    const cuts = cutsOf(this.#target, expression);
    const stale = (await network.toxics()).filter(
      ({ label, from, to }) => label === PARTITION && !cuts.some((cut) => cut.from === from && cut.to === to),
    );
    await Promise.all(stale.map(({ from, to }) => network.remove(PARTITION, from, to)));
    await confirmed(fault);
  }

  /** Cuts one direction more. */
  async cut(from: string, to: string): Promise<void> {
    await confirmed(partition(this.#target, `${from} > ${to}`, PARTITION));
  }

  /** Takes back all that hurts data from one to the other. */
  async mend(from: string, to: string): Promise<void> {
    await this.#target.network.remove(undefined, from, to);
  }

  /** Delays data from one to the other; 0: not any more. */
  latency(options: Omit<LatencyOptions, 'label'>): Promise<void> {
    return this.#instead('latency', options, options.ms === 0 ? undefined : latency);
  }

  /** Limits the rate of data from one to the other; Infinity: not any more. */
  bandwidth(options: Omit<BandwidthOptions, 'label'>): Promise<void> {
    return this.#instead('bandwidth', options, options.kbPerSecond === Infinity ? undefined : bandwidth);
  }

  /** Breaks the connections that carry data from one to the other. */
  resets(options: Omit<ResetOptions, 'label'>): Promise<void> {
    return this.#instead('resets', options, resets);
  }

  /** Takes everything back; see {@link makeWhole}. */
  heal(): Promise<void> {
    return makeWhole(this.#target);
  }

  async #instead<T extends { readonly from: string; readonly to: string }>(
    label: string,
    options: T,
    make: ((target: ChaosTarget, options: T & { readonly label: string }) => Fault) | undefined,
  ): Promise<void> {
    const { network } = this.#target;
    // What makes no sense is refused before anything changes.
    const fault = make?.(this.#target, { ...options, label });
    const pairs = pairsOf(options.from, options.to, network.nodes);
    await Promise.all(pairs.map(({ from, to }) => network.remove(label, from, to)));
    if (fault !== undefined) await confirmed(fault);
  }
}
