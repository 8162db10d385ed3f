/** Tokens of sessions as callers see them: opaque texts, made and checked. */
import { joinMac, sameMac, splitMac } from '../core/mac.js';
import {
  decodeStandings,
  encodeStandings,
  SESSION_TOKEN_VERSION,
  type KeyHash,
  type Standing,
} from '../core/session-token.js';
import type { CursorSeal } from '../ports/cursor-seal.js';
import { refuse } from './options.js';

/** Of text: what 10 000 keys need, and as much again. */
const LENGTH_MAX = 512 * 1_024;

export class SessionTokens {
  readonly #seal: CursorSeal;
  readonly #secret: string;

  /** @param secret - as of cursors */
  constructor(seal: CursorSeal, cluster: string, secret: string | undefined) {
    this.#seal = seal;
    this.#secret =
      secret === undefined ? `fulcrum session of cluster ${cluster}` : `fulcrum session of ${cluster} by ${secret}`;
  }

  make(standings: ReadonlyMap<KeyHash, Standing>): string {
    const encoded = encodeStandings(standings);
    return this.#seal.toText(joinMac(encoded, this.#seal.mac(this.#secret, encoded)));
  }

  /** Throws INVALID_ARGUMENT for a token that is none, was changed, or is another cluster's. */
  read(text: unknown): Map<KeyHash, Standing> {
    if (typeof text !== 'string') refuse(`the token of a session must be a text, not ${typeof text}`);
    const bytes = text.length > LENGTH_MAX ? undefined : this.#seal.fromText(text);
    if (bytes === undefined || bytes.length === 0) refuse(NOT_OURS);
    if (bytes[0]! > SESSION_TOKEN_VERSION) {
      refuse(
        `the token of the session was made by a later version of the SDK (its version is ${bytes[0]}, this one reads ` +
          `up to ${SESSION_TOKEN_VERSION}): update this one, or begin a session without it`,
      );
    }
    const parts = splitMac(bytes);
    if (parts === undefined || !sameMac(parts.mac, this.#seal.mac(this.#secret, parts.encoded))) refuse(NOT_OURS);
    return decodeStandings(parts.encoded) ?? refuse(NOT_OURS);
  }
}

const NOT_OURS =
  'the token is none of a session of this cluster, or was changed on its way: pass `session.token` as it is, ' +
  'or begin a session without one';
