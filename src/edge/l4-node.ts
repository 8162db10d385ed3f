/** A node behind the balancer: its health, its connections, and what passed through them. */
import type { Socket } from 'node:net';
import { endpointText, type L4Backend } from './l4-backend.js';
import { dialNode, type L4Dialled } from './l4-dial.js';
import { UNCHECKED, type L4Health } from './l4-health.js';
import { L4Session, type L4Bytes } from './l4-session.js';
import type { L4Candidate } from './l4-strategy.js';

export interface L4NodeStats {
  readonly node: string;
  readonly address: string;
  readonly state: L4Health['kind'];
  /** `failed`: could not be opened. `cut`: ended because the node went out. */
  readonly connections: {
    readonly open: number;
    readonly total: number;
    readonly failed: number;
    readonly cut: number;
  };
  readonly bytes: L4Bytes;
}

export class L4Node implements L4Candidate {
  readonly backend: L4Backend;
  readonly place: number;
  health: L4Health = UNCHECKED;
  readonly #sessions = new Set<L4Session>();
  #dialling = 0;
  #total = 0;
  #failed = 0;
  #cut = 0;
  /** Of the sessions that are over. */
  #bytes: L4Bytes = { up: 0, down: 0 };

  constructor(backend: L4Backend, place: number) {
    this.backend = backend;
    this.place = place;
  }

  get name(): string {
    return this.backend.name;
  }

  get isUp(): boolean {
    return this.health.kind === 'up';
  }

  /** With those that are being opened: many clients that come at once are spread, too. */
  get connections(): number {
    return this.#sessions.size + this.#dialling;
  }

  /** Never rejects. */
  async dial(timeoutMs: number): Promise<L4Dialled> {
    this.#dialling += 1;
    const dialled = await dialNode(this.backend.address, timeoutMs);
    this.#dialling -= 1;
    if (dialled.kind === 'failed') this.#failed += 1;
    return dialled;
  }

  carry(client: Socket, socket: Socket, over: () => void): void {
    this.#total += 1;
    const session = new L4Session(client, socket, (bytes) => {
      this.#sessions.delete(session);
      this.#bytes = sum(this.#bytes, bytes);
      over();
    });
    this.#sessions.add(session);
  }

  /** Ends every connection; returns how many there were. */
  cutAll(): number {
    const count = this.#sessions.size;
    for (const session of this.#sessions) session.cut();
    return count;
  }

  /** The node is out: its clients are better off with another one. Returns how many they were. */
  abandon(): number {
    const count = this.cutAll();
    this.#cut += count;
    return count;
  }

  stats(): L4NodeStats {
    const { backend, health } = this;
    return {
      node: backend.name,
      address: endpointText(backend.address),
      state: health.kind,
      connections: { open: this.#sessions.size, total: this.#total, failed: this.#failed, cut: this.#cut },
      bytes: [...this.#sessions].reduce((bytes, session) => sum(bytes, session.bytes), this.#bytes),
    };
  }
}

function sum(one: L4Bytes, other: L4Bytes): L4Bytes {
  return { up: one.up + other.up, down: one.down + other.down };
}
