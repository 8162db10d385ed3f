/** What is still to happen in a simulated cluster, and who decides what happens next. */

/** Something that will happen, to a node or to the world. */
export interface SimEvent {
  /** Who it happens to: it waits while they are paused. undefined: the world. */
  readonly at: Host | undefined;
  readonly run: () => void;
  /** Virtual milliseconds from which it may happen. */
  dueMs: number;
  /** Order of creation: breaks ties. */
  readonly number: number;
  cancelled: boolean;
}

/** One life of one process: events of a dead one no longer happen. */
export interface Host {
  readonly dead: boolean;
  readonly paused: boolean;
  /** Keeps an event until the process goes on. */
  keep(event: SimEvent): void;
}

export interface Scheduler {
  readonly nowMs: number;
  /** A delay that a clock measures: never before it is due. */
  atTime(delayMs: number, at: Host | undefined, run: () => void): SimEvent;
  /** Work that takes about this long: a message under way, a disk that writes, the end of a turn. */
  after(delayMs: number, at: Host | undefined, run: () => void): SimEvent;
  /** What was kept for a paused host may happen again. */
  again(event: SimEvent): void;
  /** From now on time moves on only when nothing else can happen. */
  calm(): void;
  /** Takes the next event that may happen, moving time on to it; undefined: nothing will ever happen again. */
  next(): SimEvent | undefined;
}
