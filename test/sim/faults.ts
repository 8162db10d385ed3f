/** Makes a plan's faults happen, each after its number of operations. */
import type { Fault } from './plan.js';
import type { SimCluster } from './sim-cluster.js';

export type Say = (line: string) => void;

export class Faults {
  readonly #cluster: SimCluster;
  readonly #say: Say;
  #left: readonly Fault[];
  #operations = 0;

  constructor(cluster: SimCluster, faults: readonly Fault[], say: Say) {
    this.#cluster = cluster;
    this.#left = faults;
    this.#say = say;
  }

  operationBegins(): void {
    this.#operations += 1;
    const due = this.#left.filter((fault) => fault.after < this.#operations);
    if (due.length === 0) return;
    this.#left = this.#left.filter((fault) => fault.after >= this.#operations);
    for (const fault of due) begin(this.#cluster, fault, this.#say);
  }
}

/** Everything whole again: no cuts, all nodes running, disks and links as fast as they can be. */
export function heal(cluster: SimCluster): void {
  cluster.network.mendAll();
  cluster.scheduler.calm();
  Object.assign(cluster.network.options, {
    drop: 0,
    duplicate: 0,
    delayMs: Math.min(cluster.network.options.delayMs, 5),
  });
  for (const node of cluster.nodes) {
    node.resume();
    node.start();
    node.disk.speed.writeMs = Math.min(node.disk.speed.writeMs, 2);
  }
}

function begin(cluster: SimCluster, fault: Fault, say: Say): void {
  const later = (forMs: number, what: string, run: () => void): void => {
    cluster.scheduler.atTime(forMs, undefined, () => {
      say(what);
      run();
    });
  };
  switch (fault.kind) {
    case 'partition':
      say(`partition: ${fault.name}${fault.stall ? ' (frames arrive afterwards)' : ''}`);
      for (const path of fault.cut) cluster.network.cut(path, fault.stall);
      later(fault.forMs, `partition over: ${fault.name}`, () => {
        for (const path of fault.cut) cluster.network.mend(path);
      });
      return;
    case 'crash':
      say(`crash ${fault.nodes.join()}`);
      for (const name of fault.nodes) cluster.node(name).crash();
      later(fault.forMs, `restart ${fault.nodes.join()}`, () => {
        for (const name of fault.nodes) cluster.node(name).start();
      });
      return;
    case 'pause':
      say(`pause ${fault.node}`);
      cluster.node(fault.node).pause();
      later(fault.forMs, `resume ${fault.node}`, () => {
        cluster.node(fault.node).resume();
      });
      return;
    case 'slow disk': {
      const { speed } = cluster.node(fault.node).disk;
      const before = speed.writeMs;
      say(`${fault.node}'s disk needs ${fault.writeMs} ms a write`);
      speed.writeMs = fault.writeMs;
      later(fault.forMs, `${fault.node}'s disk is fast again`, () => {
        speed.writeMs = before;
      });
      return;
    }
    case 'lose link':
      say(`lose link ${fault.from}>${fault.to}`);
      cluster.network.loseLink(fault.from, fault.to);
      return;
    case 'jump': {
      const { clock } = cluster.node(fault.node);
      say(`${fault.node}'s clock jumps by ${fault.byMs.toFixed(0)} ms`);
      clock.set(clock.offset + fault.byMs * 1_000);
      return;
    }
    case 'collect':
    case 'policy':
      keepUp(cluster, fault, say);
      return;
    case 'drift': {
      const { clock } = cluster.node(fault.node);
      say(`${fault.node}'s clock drifts by ${fault.ppm.toFixed(0)} ppm`);
      clock.set(clock.offset, fault.ppm);
    }
  }
}

function keepUp(cluster: SimCluster, fault: Extract<Fault, { kind: 'collect' | 'policy' }>, say: Say): void {
  const node = cluster.node(fault.node);
  if (fault.kind === 'collect') {
    node.collect(fault.key, (collected) => {
      say(`${fault.node} ${collected ? 'had' : 'could not have'} ${fault.key} forgotten`);
    });
    return;
  }
  say(`${fault.node} is told to change to ${fault.policy}`);
  node.changePolicy(fault.policy, ({ phase, reason }) => {
    say(`${fault.node} changes to ${fault.policy}: ${phase}${reason === undefined ? '' : `, ${reason}`}`);
  });
}
