/** Makes sessions of what a client is made of. */
import type { Clock } from '../ports/clock.js';
import type { CursorSeal } from '../ports/cursor-seal.js';
import type { Random } from '../ports/random.js';
import type { Carrier } from './call.js';
import type { Dispatch } from './dispatch.js';
import type { Engine } from './engine.js';
import type { SessionOptions } from './options.js';
import { checkKeysMax, Session } from './session.js';
import { SessionTokens } from './session-tokens.js';
import { Standings } from './standings.js';

export interface OpenSessionParts {
  readonly engine: Engine;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly random: Random;
  readonly seal: CursorSeal;
  readonly cursorSecret: string | undefined;
}

/** Throws INVALID_ARGUMENT. */
export function openSession(options: SessionOptions, parts: OpenSessionParts): Session {
  const { engine, dispatch, clock, random, seal, cursorSecret } = parts;
  const { name } = engine.nodes.view;
  const keysMax = checkKeysMax(options);
  const tokens = new SessionTokens(seal, name, cursorSecret);
  const standings = new Standings(options.token === undefined ? new Map() : tokens.read(options.token));
  // Its own writes come after what it has seen, whoever minted that.
  engine.follow(standings.newest);
  const replicasOf = (key: string): number => engine.nodes.ring.homeReplicas(key).length;
  const homes = (key: string): Carrier[] => connectedHomes(engine, key);
  return new Session({ dispatch, clock, random, homes, replicasOf }, tokens, standings, keysMax);
}

function connectedHomes({ nodes }: Engine, key: string): Carrier[] {
  const homes = nodes.ring.homeReplicas(key);
  return nodes.members.flatMap(({ id, pipe }) => (pipe?.ready === true && homes.includes(id) ? [pipe] : []));
}
