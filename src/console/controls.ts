/** What the operator asks, carried out on the cluster and written down. */
import { FulcrumError, invalidArgument } from '../core/errors.js';
import type { Policy } from '../core/policy.js';
import type { Control, FaultView } from './api.js';
import { nameOf, type FaultBoard } from './fault-board.js';
import type { FaultTimeline } from './fault-timeline.js';
import type { Happenings } from './happenings.js';
import type { ConsoleCluster } from './ports.js';

export interface ControlsParts {
  readonly cluster: ConsoleCluster;
  readonly board: FaultBoard;
  readonly timeline: FaultTimeline;
  readonly happenings: Happenings;
  /** Told when something begins that takes a while. */
  readonly changed: () => void;
}

/** Every method rejects with a FulcrumError. */
export class Controls {
  readonly #parts: ControlsParts;
  /** Nodes that were told to start and are not ready yet. */
  readonly starting = new Set<string>();
  #policyWanted: Policy | undefined;

  constructor(parts: ControlsParts) {
    this.#parts = parts;
  }

  get isChangingPolicy(): boolean {
    return this.#policyWanted !== undefined;
  }

  /** Resolves once it is so. */
  async perform(control: Exclude<Control, { readonly do: 'load' | 'tour' }>): Promise<void> {
    switch (control.do) {
      case 'cut':
      case 'mend':
      case 'slow-link':
        return this.#performOnLink(control);
      case 'slow':
        return this.#slow(control.node, control.ms);
      case 'partition':
        return this.drawApart(control.apart);
      case 'kill':
      case 'pause':
      case 'resume':
      case 'restart':
        return this.#performOnProcess(control.do, control.node);
      case 'heal':
        return this.heal();
      case 'policy':
        return this.changePolicy(control.policy);
    }
  }

  async #performOnLink(control: Extract<Control, { readonly a: string }>): Promise<void> {
    const { a, b } = control;
    const { board } = this.#parts;
    const link = nameOf(a, b);
    this.needLinks();
    if (control.do === 'mend') {
      await this.#hurt(link, undefined, () => board.mend(a, b));
      return this.#parts.happenings.done(`${link} mended`);
    }
    const slowMs = control.do === 'slow-link' ? control.ms : undefined;
    const label = slowMs === undefined ? `${link} cut` : `${link} +${slowMs} ms`;
    const fault = { kind: slowMs === undefined ? 'cut' : 'slow', label } as const;
    await this.#hurt(link, fault, () => (slowMs === undefined ? board.cut(a, b) : board.slowLink(a, b, slowMs)));
    this.#parts.happenings.done(label);
  }

  async #slow(node: string, ms: number): Promise<void> {
    this.needLinks();
    const fault = ms === 0 ? undefined : ({ kind: 'slow', label: `${node} +${ms} ms` } as const);
    await this.#hurt(`slow ${node}`, fault, () => this.#parts.board.slowNode(node, ms));
    this.#parts.happenings.done(
      ms > 0 ? `every link of ${node} slowed by ${ms} ms` : `links of ${node} as fast as before`,
    );
  }

  async drawApart(apart: readonly string[]): Promise<void> {
    this.needLinks();
    const { cluster, board, happenings } = this.#parts;
    // All nodes apart from nobody is no partition.
    const drawn = apart.length === cluster.nodes.length ? [] : apart;
    const rest = cluster.nodes.map(({ id }) => id).filter((id) => !drawn.includes(id));
    const label = `${drawn.join(' ')} | ${rest.join(' ')}`;
    const fault = drawn.length === 0 ? undefined : ({ kind: 'partition', label } as const);
    await this.#hurt('partition', fault, () => board.drawApart(drawn));
    happenings.done(fault === undefined ? 'the partition is joined again' : `partition: ${label}`);
  }

  /** The picture and the timeline show it at once; the proxies take a moment to be sure of it. */
  async #hurt(
    about: string,
    fault: Pick<FaultView, 'kind' | 'label'> | undefined,
    run: () => Promise<void>,
  ): Promise<void> {
    const { timeline, changed } = this.#parts;
    if (fault === undefined) timeline.end(about);
    else timeline.begin(about, fault.kind, fault.label);
    const work = run();
    changed();
    try {
      await work;
    } catch (error) {
      timeline.end(about);
      throw error;
    }
  }

  async #performOnProcess(what: 'kill' | 'pause' | 'resume' | 'restart', node: string): Promise<void> {
    const { processes } = this.#parts.cluster;
    const about = `process ${node}`;
    if (what === 'restart') this.starting.add(node);
    this.#parts.changed();
    try {
      await processes[what](node);
    } finally {
      this.starting.delete(node);
    }
    if (what === 'kill' || what === 'pause') {
      const label = what === 'kill' ? `${node} killed` : `${node} paused`;
      this.#parts.timeline.begin(about, 'process', label);
      return this.#parts.happenings.done(label);
    }
    this.#parts.timeline.end(about);
    this.#parts.happenings.done(what === 'restart' ? `${node} started again` : `${node} goes on`);
  }

  /** Links, paused nodes and dead ones, all at once; what fails does not keep the rest from healing. */
  async heal(): Promise<void> {
    const { processes, observer } = this.#parts.cluster;
    const nodes = await observer.observe();
    const work = nodes.map(async ({ id, state }) => {
      if (state === 'paused') await processes.resume(id);
      if (state === 'down' && !this.starting.has(id)) await this.#performOnProcess('restart', id);
      if (state === 'paused') this.#parts.timeline.end(`process ${id}`);
    });
    const mended = this.#parts.board.heal();
    for (const { a, b } of this.#parts.board.links) this.#parts.timeline.end(nameOf(a, b));
    for (const { id } of nodes) this.#parts.timeline.end(`slow ${id}`);
    this.#parts.timeline.end('partition');
    this.#parts.changed();
    const results = await Promise.allSettled([mended, ...work]);
    const failed = results.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    this.#parts.happenings.done('everything healed');
  }

  async changePolicy(policy: Policy): Promise<void> {
    this.#policyWanted = policy;
    this.#parts.timeline.begin('policy', 'policy', `policy → ${policy}`);
    this.#parts.changed();
    try {
      await this.#parts.cluster.operator.changePolicy(policy);
      this.#parts.happenings.done(`the policy is ${policy} now`);
    } finally {
      this.#policyWanted = undefined;
      this.#parts.timeline.end('policy');
    }
  }

  needLinks(): void {
    if (this.#parts.cluster.links !== undefined) return;
    throw new FulcrumError(
      invalidArgument('The links of this cluster are direct and cannot be touched. Start it with: fulcrum up --chaos'),
    );
  }
}
