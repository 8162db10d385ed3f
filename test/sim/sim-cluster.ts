/** A whole cluster in one thread: machines, their disks and clocks, and the network between them. */
import type { Observer } from './observer.js';
import type { Plan } from './plan.js';
import { MicroStepScheduler } from './micro-step-scheduler.js';
import { Prng } from './prng.js';
import type { Scheduler } from './scheduler.js';
import { MachineClock } from './sim-clock.js';
import { SimDisk } from './sim-disk.js';
import { SimNetwork } from './sim-network.js';
import { SimNode } from './sim-node.js';
import { TimingScheduler } from './timing-scheduler.js';
import { Violation } from './violation.js';
import { CODECS, OBJECTS } from './wire.js';

/** Some hundred times what the longest runs need. */
const STEPS_MAX = 1_000_000;

export class SimCluster {
  readonly scheduler: Scheduler;
  readonly network: SimNetwork;
  readonly nodes: readonly SimNode[];
  steps = 0;

  constructor(plan: Plan, observer: Observer) {
    const { seed } = plan;
    const scheduler =
      plan.scheduler.kind === 'timing'
        ? new TimingScheduler()
        : new MicroStepScheduler(new Prng(seed, 'scheduler'), plan.scheduler.hurry);
    this.scheduler = scheduler;
    const wire = plan.codecs ? CODECS : OBJECTS;
    const network = new SimNetwork(scheduler, new Prng(seed, 'network'), { ...plan.network }, wire, observer);
    this.network = network;
    const cluster = { nodes: plan.nodes, replicas: plan.replicas, policy: plan.policy };
    this.nodes = plan.nodes.map(
      (name) =>
        new SimNode({
          name,
          seed,
          cluster,
          cacheBytesMax: plan.cacheBytesMax,
          graceMs: plan.graceMs,
          scheduler,
          network,
          observer,
          disk: new SimDisk(name, scheduler, new Prng(seed, `disk/${name}`), { ...plan.disk }, observer),
          clock: new MachineClock(scheduler, plan.clockOffsetMs[name] ?? 0),
        }),
    );
  }

  node(name: string): SimNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`the simulated cluster has no node ${name}`);
    return node;
  }

  /** One event; false: nothing is left to happen. */
  step(): boolean {
    const event = this.scheduler.next();
    if (event === undefined) return false;
    this.steps += 1;
    if (this.steps > STEPS_MAX) throw new Violation('a run comes to an end', `${STEPS_MAX} steps`);
    event.run();
    return true;
  }

  /** Steps until a moment, or until `done` says so. */
  run(untilMs: number, done: () => boolean = () => false): void {
    while (this.scheduler.nowMs < untilMs && !done() && this.step());
  }

  allLinksUp(): boolean {
    return this.nodes.every((a) => this.nodes.every((b) => a === b || this.network.isUp(a.name, b.name)));
  }

  /** A link that has come and gone is trusted again later than it is up. */
  allReachEachOther(): boolean {
    return this.allLinksUp() && this.nodes.every((node) => node.reachesAll);
  }
}
