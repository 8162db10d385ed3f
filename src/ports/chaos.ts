/** Faults inside a node, for tests. A node that was not started for chaos has none of it. */

export interface ClockFault {
  /** Added to the machine's clock from now on. */
  readonly offsetMs: number;
  /** How much too fast it then runs, in millionths; below zero too slow. */
  readonly driftPpm: number;
}

export interface DiskFault {
  /** Writes are held back in memory, unsynced and unanswered. */
  readonly stalled: boolean;
  /** Every write takes so much longer. */
  readonly writeDelayMs: number;
}

export interface ChaosState extends DiskFault {
  readonly node: string;
  /** How wrong the clock is now, drift included. */
  readonly clockErrorMs: number;
  readonly driftPpm: number;
  /** Writes that wait in memory now. */
  readonly heldWrites: number;
}

export interface NodeChaos {
  state(): ChaosState;
  setClock(fault: ClockFault): void;
  setDisk(fault: DiskFault): void;
}
