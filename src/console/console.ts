/** The console without its HTTP side: watches the cluster, keeps the picture, carries out what the operator asks. */
import type { ConflictView, ConsoleView, Control, LinkView, NodeView, SecondView } from './api.js';
import { Canary } from './canary.js';
import { Controls } from './controls.js';
import { FaultBoard, type Link } from './fault-board.js';
import { FaultTimeline } from './fault-timeline.js';
import { Happenings } from './happenings.js';
import { LevelStats } from './level-stats.js';
import { LoadGenerator } from './load-generator.js';
import type { Caller, ConsoleClock, ConsoleCluster, Judge, NodeObservation, PolicyStatus } from './ports.js';
import type { TourStage } from './tour/stage.js';
import { Tour } from './tour/tour.js';
import { wouldHaveOf } from './would-have.js';

const OBSERVE_EVERY_MS = 400;
const SECOND_MS = 1_000;
/** How often nodes are asked for their policy and ledger, and the canary judged. */
const INQUIRE_EVERY_MS = 2_000;
const CONFLICTS_SHOWN = 20;

export interface ConsoleParts {
  readonly cluster: ConsoleCluster;
  readonly judge: Judge;
  readonly clock: ConsoleClock;
  readonly random: () => number;
}

export interface ConsoleListener {
  view(view: ConsoleView): void;
  second(second: SecondView): void;
}

/** Works only while somebody listens: nobody pays for a picture that nobody sees. */
export class Console {
  readonly #parts: ConsoleParts;
  readonly #board: FaultBoard;
  readonly #timeline: FaultTimeline;
  readonly #happenings: Happenings;
  readonly #stats = new LevelStats();
  readonly #load: LoadGenerator;
  readonly #canary: Canary;
  readonly #controls: Controls;
  readonly #tour: Tour;
  readonly #listeners = new Set<ConsoleListener>();
  readonly #timers: NodeJS.Timeout[] = [];
  #nodes: readonly NodeObservation[] = [];
  #policy: PolicyStatus | undefined;
  #conflicts: readonly ConflictView[] = [];
  #conflictCount = 0;
  /** What the operator asks is done one after the other. */
  #lastControl: Promise<void> = Promise.resolve();

  constructor(parts: ConsoleParts) {
    const { cluster, clock, random, judge } = parts;
    this.#parts = parts;
    this.#board = new FaultBoard(
      cluster.nodes.map(({ id }) => id),
      cluster.links,
    );
    this.#timeline = new FaultTimeline(clock);
    this.#happenings = new Happenings(clock);
    this.#controls = new Controls({
      cluster,
      board: this.#board,
      timeline: this.#timeline,
      happenings: this.#happenings,
      changed: () => this.#publish(),
    });
    const callers = cluster.nodes.map(({ id }) => cluster.caller(id));
    this.#load = new LoadGenerator({ callers, stats: this.#stats, happenings: this.#happenings, clock, random });
    this.#canary = new Canary({ callers, judge, clock, random });
    this.#tour = new Tour(this.#stage(callers), () => this.#publish());
  }

  /** Returns what ends it. */
  listen(listener: ConsoleListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#stop();
    };
  }

  history(): SecondView[] {
    return this.#stats.history();
  }

  view(): ConsoleView {
    const { cluster, clock } = this.#parts;
    const policy = this.#policy?.policy ?? 'PC/EC';
    return {
      nowMs: clock.wallMs(),
      cluster: {
        name: cluster.name,
        replicas: cluster.replicas,
        policy,
        settling: this.#controls.isChangingPolicy || this.#policy?.isSettled === false,
        canCut: cluster.links !== undefined,
      },
      nodes: cluster.nodes.map((node) => this.#nodeView(node)),
      links: this.#board.links.map((link) => this.#linkView(link)),
      apart: this.#board.apart,
      faults: this.#timeline.view(),
      load: this.#load.settings,
      levels: this.#stats.summary(),
      wouldHave: wouldHaveOf(cluster.live()),
      recent: this.#happenings.recent(),
      conflicts: this.#conflicts,
      conflictCount: this.#conflictCount,
      canary: this.#canary.view(),
      tour: this.#tour.view(),
    };
  }

  /**
   * Carries it out after what was asked before, a heal at once, and resolves when the picture shows it. Rejects with a
   * FulcrumError.
   */
  control(control: Control): Promise<void> {
    // What was asked before may wait for what only a heal can bring, such as a majority.
    const before = control.do === 'heal' ? Promise.resolve() : this.#lastControl;
    const done = before.then(() => this.#carryOut(control));
    this.#lastControl = Promise.allSettled([this.#lastControl, done]).then(() => undefined);
    return done;
  }

  async #carryOut(control: Control): Promise<void> {
    if (control.do === 'tour') await this.#takeTour(control.step);
    else if (control.do === 'load') this.#load.change(control.settings);
    else await this.#controls.perform(control);
    await Promise.all([this.#observe(), this.#inquire()]);
    this.#publish();
  }

  stop(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    const every = (ms: number, work: () => void | Promise<void>): void => {
      this.#timers.push(setInterval(() => void Promise.resolve(work()).catch(() => undefined), ms).unref());
    };
    every(OBSERVE_EVERY_MS, () => this.#observe());
    every(INQUIRE_EVERY_MS, () => this.#inquire());
    every(INQUIRE_EVERY_MS, () => this.#canary.judge());
    every(SECOND_MS, () => {
      const second = this.#stats.closeSecond(this.#parts.clock.wallMs());
      for (const listener of this.#listeners) listener.second(second);
      this.#publish();
    });
    this.#load.start();
    this.#canary.start();
    void this.#observe();
    void this.#inquire();
  }

  #stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#load.stop();
    this.#canary.stop();
  }

  #publish(): void {
    const view = this.view();
    for (const listener of this.#listeners) listener.view(view);
  }

  /** Tells the listeners at once where anything about nodes or links is different. */
  async #observe(): Promise<void> {
    const before = JSON.stringify(this.#picture());
    this.#nodes = await this.#parts.cluster.observer.observe();
    if (JSON.stringify(this.#picture()) !== before) this.#publish();
  }

  #picture(): unknown {
    const { nodes, links, apart } = this.view();
    return [nodes, links.map(({ state, slowMs }) => [state, slowMs]), apart];
  }

  /** Where no node answers, the last known stays. */
  async #inquire(): Promise<void> {
    const { operator } = this.#parts.cluster;
    const [policy, ledger] = await Promise.allSettled([operator.policy(), operator.conflicts(CONFLICTS_SHOWN)]);
    if (policy.status === 'fulfilled') this.#policy = policy.value;
    if (ledger.status === 'fulfilled') {
      this.#conflicts = ledger.value.conflicts;
      this.#conflictCount = ledger.value.count;
    }
  }

  async #takeTour(step: number): Promise<void> {
    this.#controls.needLinks();
    await this.#tour.perform(step);
  }

  /** The tour acts as the operator would, so that the picture shows what it does. */
  #stage(callers: readonly Caller[]): TourStage {
    const { nodes, operator } = this.#parts.cluster;
    const shown = async (work: Promise<void>): Promise<void> => {
      await work;
      await this.#observe();
    };
    return {
      nodes: nodes.map(({ id }) => id),
      caller: (node) => callers.find((one) => one.node === node)!,
      drawApart: (apart) => shown(this.#controls.drawApart(apart)),
      heal: () => shown(this.#controls.heal()),
      changePolicy: (policy) => shown(this.#controls.changePolicy(policy)),
      operator,
      clock: this.#parts.clock,
    };
  }

  #nodeView({ id, address }: { readonly id: string; readonly address: string }): NodeView {
    const seen = this.#nodes.find((node) => node.id === id);
    const state = this.#controls.starting.has(id) ? 'starting' : (seen?.state ?? 'silent');
    return { id, address, pid: seen?.pid ?? null, state, slowMs: this.#board.slowMsOf(id) };
  }

  #linkView(link: Link): LinkView {
    const { a, b } = link;
    const condition = this.#board.conditionOf(link);
    const seen = (from: string, to: string) =>
      this.#nodes.find(({ id }) => id === from)?.peers.find((peer) => peer.id === to);
    const [there, back] = [seen(a, b), seen(b, a)];
    const isHeard = there?.reachable === true && back?.reachable === true;
    const slowMs = condition.isCut ? 0 : condition.slowMs;
    const state = condition.isCut ? 'cut' : !isHeard ? 'lost' : slowMs > 0 ? 'slow' : 'up';
    return { a, b, state, roundTripMs: there?.roundTripMs ?? back?.roundTripMs, slowMs };
  }
}
